import { describe, expect, it } from 'vitest'

import { allDialects } from '../../src/dialects/index.ts'
import { detectDialect } from '../../src/index.ts'
import { vectorFiles } from '../spec.ts'
import { type RawMessage, rawMessages, streamsOf } from './streams.ts'

describe.each(allDialects.map((dialect) => [dialect.name, dialect] as const))('%s', (name, dialect) => {
  it.each(streamsOf(name))('%s is told from all others by its first message', (_file, bytes) => {
    const { payload, ...message } = rawMessages(bytes)[0] as RawMessage
    expect(allDialects.filter((other) => other.detect(message, payload))).toEqual([dialect])
    expect(detectDialect(allDialects, message)).toBe(dialect)
  })
})

interface EventCase {
  readonly name: string
  readonly message: { readonly event?: string; readonly data: string }
  readonly warning?: string
}

it.each(vectorFiles<EventCase>('events'))(
  'no dialect takes the messages of spec/vectors/events/%s',
  (_file, { cases }) => {
    const own = cases.filter(({ warning }) => warning === undefined)
    for (const { message, name } of own) expect(detectDialect(allDialects, message), name).toBeNull()
  },
)
