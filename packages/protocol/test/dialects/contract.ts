import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Dialect } from '../../src/dialect.ts'
import {
  type AgentEvent,
  decodePayload,
  encodePayload,
  type Outcome,
  type RunState,
  type Tool,
  type Usage,
} from '../../src/index.ts'
import { hostileMessages } from './hostile.ts'
import { cutAt, readStream, recorded, type StreamRead, singleBytes, stateOf } from './read-stream.ts'
import { type RawMessage, rawMessages, sseOf, streamsOf } from './streams.ts'

/** What a stream must end in, as a test reads it out of the raw messages by itself. */
export interface Expected {
  readonly runId?: string | null
  readonly text: string
  readonly thinking: string
  /** Compared key by key: a tool has what is stated here, and there are no others. */
  readonly tools: readonly Partial<Tool>[]
  readonly usage: Usage | null
  readonly finishReason: string | undefined
  readonly outcome: Outcome
  readonly errorMessage?: string | undefined
  /** In their order; not compared where absent. */
  readonly sources?: readonly string[]
  /** Frames that the dialect does not know. Default 0. */
  readonly warningCount?: number
}

export interface DialectContract {
  readonly dialect: Dialect
  /** Its own reading of the messages; must not use the decoder. */
  readonly oracle: (messages: readonly RawMessage[], file: string) => Expected
}

/** How often a stream is read where each reading costs as much as it is long: a long one less often. */
function readings(bytes: Uint8Array, atMost: number): number {
  return Math.max(3, Math.min(atMost, Math.floor((atMost * 40_000) / bytes.length)))
}

/** What every dialect owes its readers, on every stream recorded of it. */
export function describeDialect({ dialect, oracle }: DialectContract): void {
  describe.each(streamsOf(dialect.name))(`${dialect.name}: %s`, (file, bytes) => {
    const messages = rawMessages(bytes)
    const whole = readStream(dialect, [bytes])

    it('is told by its first message', () => {
      const { payload, ...message } = messages[0] as RawMessage
      expect(dialect.detect(message, payload)).toBe(true)
    })

    it('ends in what an independent reading finds', () => {
      const { tools, ...wanted } = oracle(messages, file)
      expect(factsOf(whole.state, wanted)).toEqual({ warningCount: 0, ...wanted })
      expect(whole.state.tools.map((tool, index) => pick(tool, tools[index] ?? {}))).toEqual(tools)
    })

    it('is the same for every single byte and for random pieces', { timeout: 60_000 }, () => {
      expectSame(readStream(dialect, singleBytes(bytes)), whole)
      const anyCuts = fc.array(fc.nat(), { maxLength: 60 })
      fc.assert(
        fc.property(anyCuts, (cuts) => {
          expectSame(readStream(dialect, cutAt(bytes, cuts)), whole)
        }),
        { numRuns: bytes.length > 500_000 ? 2 : 10 },
      )
    })

    it('is the same recorded and read again', () => {
      expect(recorded(whole.events)).toEqual(whole.events)
      expect(stateOf(recorded(whole.events))).toEqual(stateOf(whole.events))
    })

    it('holds nothing back that it would give out at the end but what ends it', () => {
      const decoder = dialect.createDecoder()
      for (const message of messages) decoder.decode(message)
      const { pending } = decoder
      expect(decoder.end().filter(({ type }) => type === 'done')).toEqual(pending ? [pending] : [])
      expect(decoder.pending).toBeUndefined()
      expect(decoder.end()).toEqual([])
    })

    it('stays sound cut off at any byte', { timeout: 60_000 }, () => {
      const step = Math.ceil(bytes.length / readings(bytes, 400))
      for (let end = 0; end < bytes.length; end += step) {
        const { state, events } = readStream(dialect, [bytes.subarray(0, end)])
        expectSound(events, end)
        if (!whole.state.error) expect(whole.state.text.startsWith(state.text), `cut at ${end}`).toBe(true)
      }
    })

    it('stays sound whatever comes instead', { timeout: 60_000 }, () => {
      fc.assert(
        fc.property(hostileMessages(messages), (list) => {
          const sse = sseOf(list)
          expectSound(readStream(dialect, [sse]).events, sse.length)
        }),
        { numRuns: readings(bytes, 60) },
      )
    })
  })

  it(`${dialect.name} takes any JSON`, () => {
    const message = fc.record({ event: fc.constantFrom('message', 'error', 'token'), data: fc.json() })
    fc.assert(
      fc.property(fc.array(message, { maxLength: 8 }), (list) => {
        const sse = sseOf(list)
        expectSound(readStream(dialect, [sse]).events, sse.length)
        for (const { event, data } of list) dialect.detect({ event, data }, JSON.parse(data))
      }),
    )
  })
}

/** Comparing texts is fast; where they differ, the full comparison shows what does. */
function expectSame(read: StreamRead, wanted: StreamRead): void {
  if (JSON.stringify(read) !== JSON.stringify(wanted)) expect(read).toEqual(wanted)
}

/** Every event is one that the wire can carry, one ends the run, and they are not much more than what came. */
function expectSound(events: StreamRead['events'], inputChars: number): void {
  const payloads = events.map((event) => [event.type, encodePayload(event)] as const)
  expect(payloads.map(([type, payload]) => decodePayload(type, payload))).toEqual(events)
  const ends = events.filter(({ type }) => type === 'done').length
  expect(ends).toBeLessThanOrEqual(1)
  if (ends === 1) expect((events.at(-1) as AgentEvent).type).toBe('done')
  expect(JSON.stringify(payloads).length).toBeLessThan(6 * inputChars + 2000)
}

function factsOf(state: RunState, wanted: Omit<Expected, 'tools'>): Omit<Expected, 'tools'> {
  const facts = {
    runId: state.runId,
    text: state.text,
    thinking: state.thinking,
    usage: state.usage,
    finishReason: state.done?.finishReason,
    outcome: state.outcome as Outcome,
    errorMessage: state.error?.message,
    sources: state.sources.map(({ url, title, sourceId }) => url ?? title ?? sourceId),
    warningCount: state.warningCount,
  }
  return pick(facts, { warningCount: 0, ...wanted })
}

function pick<T extends object>(value: T, keys: object): Partial<T> & T {
  const picked = Object.entries(value).filter(([key]) => key in keys)
  return Object.fromEntries(picked) as T
}
