import { describe, expect, it } from 'vitest'

import { allDialects } from '../../src/dialects/index.ts'
import { decodePayload, type Outcome } from '../../src/index.ts'
import { vectorFiles } from '../spec.ts'
import { readStream, singleBytes } from './read-stream.ts'
import { sseOf } from './streams.ts'

interface DialectCase {
  readonly name: string
  /** The messages: their data, or name and data; data that is text stands as it is. */
  readonly stream: readonly unknown[]
  readonly events: readonly (readonly [name: string, payload: unknown])[]
  readonly outcome?: Outcome
}

function messageOf(given: unknown): { readonly event?: string; readonly data: string } {
  const [event, data] = Array.isArray(given) ? (given as [string, unknown]) : [undefined, given]
  return {
    ...(event !== undefined && { event }),
    data: typeof data === 'string' ? data : JSON.stringify(data),
  }
}

describe.each(vectorFiles<DialectCase>('dialects'))('spec/vectors/dialects/%s', (file, { cases }) => {
  const dialect = allDialects.find(({ name }) => `${name}.json` === file)
  if (!dialect) throw new Error(`${file}: there is no dialect of this name`)

  it.each(cases)('$name', ({ stream, events, outcome }) => {
    const wanted = events.map(([name, payload]) =>
      name === 'warning' ? payload : decodePayload(name, payload),
    )
    const bytes = new TextEncoder().encode(sseOf(stream.map(messageOf)))
    const { decoded, state } = readStream(dialect, [bytes])
    expect(decoded.map((item) => (item.type === 'warning' ? item.code : item))).toEqual(wanted)
    if (outcome !== undefined) expect(state.outcome).toBe(outcome)
    expect(readStream(dialect, singleBytes(bytes)).decoded).toEqual(decoded)
    const whole = JSON.stringify(decoded)
    for (let cut = 1; cut < bytes.length; cut++) {
      const cutUp = readStream(dialect, [bytes.subarray(0, cut), bytes.subarray(cut)]).decoded
      if (JSON.stringify(cutUp) !== whole) expect(cutUp, `cut at byte ${cut}`).toEqual(decoded)
    }
  })
})
