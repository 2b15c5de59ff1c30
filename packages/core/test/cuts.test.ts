import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type AgentEvent, AgentStreamClient, type ClientSnapshot, type StreamResult } from '../src/index.ts'
import { SimulatedClock } from '../src/testing/index.ts'
import { done, EVENTS, sse, started, token, toolResult, toolUse } from './harness.ts'

/** A run with everything in it, in two languages and with a frame that is no event. */
const RUN = [
  started({ heartbeat_ms: 15_000 }),
  token('Grüße ', 2),
  toolUse('t1', 3),
  token('🎉', 4),
  sse('tool_input_delta', { tool_use_id: 't1', delta: '{"q":' }, 5),
  sse('tool_input_delta', { tool_use_id: 't1', delta: '1}' }, 6),
  sse('unheard_of', {}, 7),
  toolResult('t1', 8),
  sse('input_required', { input_id: 'i1', kind: 'approval', message: 'Send?' }, 9),
  sse('error', { error_type: 'x', message: 'once' }, 10),
  sse('input_received', { input_id: 'i1', answer: true }, 11),
  token('!', 12),
  // Eleven events and one frame that is none before it, and the text's own figures.
  done({ final: { event_count: 12, text_chars: 8 } }, 13),
].map((text) => new TextEncoder().encode(text))

interface Cut {
  /** Bytes after which the connection ends. */
  readonly afterBytes: number
  readonly isClean: boolean
  /** How many events the server sends again before those that were asked for. */
  readonly repeats: number
  /** The number of an event that it leaves out, unless it has done so before; 0 for none. */
  readonly omits: number
}

/** A server's log: each connection is cut where the next cut says, and the first that has none left is not. */
function logFetch(cuts: readonly Cut[]): typeof fetch {
  let next = 0
  const omitted = new Set<number>()
  return async (url, init) => {
    const cut = cuts[next++] ?? { afterBytes: Infinity, isClean: true, repeats: 0, omits: 0 }
    const headers = new Headers(init?.headers)
    const after = Number(headers.get('last-event-id') ?? 0)
    expect(String(url)).toBe(init?.method === 'GET' ? EVENTS : '/chat')
    const omits = omitted.has(cut.omits) ? 0 : cut.omits
    omitted.add(omits)
    const sent = RUN.filter((_, index) => index >= after - cut.repeats && index !== omits - 1)
    const bytes = Uint8Array.from(sent.flatMap((event) => [...event]))
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(bytes.slice(0, cut.afterBytes))
        // A stream that ends well before it has a name is not a run that could be resumed.
        if (cut.isClean && (after > 0 || cut.afterBytes >= (RUN[0] as Uint8Array).length)) controller.close()
      },
      pull(controller) {
        controller.error(new TypeError('terminated'))
      },
    })
    return new Response(body, {
      headers: { 'content-type': 'text/event-stream', 'content-location': EVENTS },
    })
  }
}

interface Seen {
  readonly state: ClientSnapshot
  readonly told: readonly (AgentEvent | string)[]
  readonly result: StreamResult
}

/** What a client makes of the run when its connections are cut so. */
async function runWith(cuts: readonly Cut[]): Promise<Seen> {
  const clock = new SimulatedClock()
  const client = new AgentStreamClient({
    fetch: logFetch(cuts),
    clock,
    random: () => 0,
    retry: { attempts: 20 },
  })
  let told: (AgentEvent | string)[] = []
  const running = client.start(
    '/chat',
    {},
    {
      onEvent: (event) => told.push(event),
      onWarning: ({ code }) => told.push(code),
      onRestart: () => {
        told = []
      },
    },
  )
  for (let n = 0; !client.getSnapshot().isDone && n < 500; n++) await clock.advance(1000)
  return { state: client.getSnapshot(), told, result: await running }
}

const { length } = Uint8Array.from(RUN.flatMap((event) => [...event]))

/** The state but for what says how often the server repeated itself. */
function stateOf({ state }: Seen): unknown {
  return { ...state, seq: { ...state.seq, duplicates: 0 } }
}

describe('a numbered stream, cut anywhere and served on from a log', () => {
  it('ends in the state of the uncut one', async () => {
    const whole = await runWith([])
    expect(whole.result).toMatchObject({ status: 'done', outcome: 'complete' })
    expect(whole.state).toMatchObject({
      text: 'Grüße 🎉!',
      reconciled: true,
      warningCount: 1,
      pendingInputs: [],
    })
    expect(whole.told).toHaveLength(13)
  })

  it('cut once, at every byte', { timeout: 60_000 }, async () => {
    const whole = await runWith([])
    for (let afterBytes = 0; afterBytes <= length; afterBytes++) {
      const cut = await runWith([{ afterBytes, isClean: afterBytes % 2 === 0, repeats: 0, omits: 0 }])
      expect(stateOf(cut)).toEqual(stateOf(whole))
      expect(cut.told).toEqual(whole.told)
      expect(cut.state.seq.duplicates).toBe(0)
    }
  })

  it('cut any number of times, with events repeated and left out: each is told once', {
    timeout: 60_000,
  }, async () => {
    const whole = await runWith([])
    const cut = fc.record({
      afterBytes: fc.integer({ min: 1, max: length }),
      isClean: fc.boolean(),
      repeats: fc.nat(3),
      // Without the first there is no run to ask about.
      omits: fc.oneof(fc.constant(0), fc.integer({ min: 2, max: RUN.length })),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(cut, { maxLength: 12 }), async (cuts) => {
        const seen = await runWith(cuts)
        expect(stateOf(seen)).toEqual(stateOf(whole))
        expect(seen.told).toEqual(whole.told)
      }),
      { numRuns: 150 },
    )
  })
})
