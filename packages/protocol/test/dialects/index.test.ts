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

it('is told by the name of a message whose data have no type', () => {
  const detect = (event: string) => detectDialect(allDialects, { event, data: '{}' })?.name
  expect(detect('response.created')).toBe('openai-responses')
  expect(detect('message_start')).toBe('anthropic-messages')
})

it.each([
  ['openai-chat', '{"error": {"message": "No", "code": 401}}'],
  ['openai-chat', '{"object": "error", "message": "No", "type": "BadRequestError", "code": 400}'],
  [
    'openai-responses',
    '{"type": "error", "code": "rate_limit_exceeded", "message": "No", "sequence_number": 0}',
  ],
  ['anthropic-messages', '{"type": "error", "error": {"type": "overloaded_error", "message": "No"}}'],
  ['ai-sdk-ui', '{"type": "error", "errorText": "No"}'],
  ['ag-ui', '{"type": "RUN_ERROR", "message": "No"}'],
])('%s is told by the error that comes first', (name, data) => {
  for (const event of [undefined, 'error']) {
    expect(detectDialect(allDialects, { event, data })?.name).toBe(name)
  }
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
