import type { SimulatedClock } from './simulated-clock.ts'

/** A piece of a body, and how long it takes to come. */
export type Step = readonly [afterMs: number, piece: string | Uint8Array | 'break']

export interface Script {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Until the head is there. */
  readonly headMs?: number
  readonly steps: readonly Step[]
}

export interface ScriptedFetch {
  readonly fetch: typeof globalThis.fetch
  /** What was asked, as `POST https://…`. */
  readonly calls: readonly string[]
  /** How many bodies were given up by their reader. */
  readonly cancelled: () => number
  /** How many pieces were asked for. */
  readonly pulled: () => number
}

/** A network that answers as it is told, one script a call; each piece comes when it is pulled. */
export function scriptedFetch(clock: SimulatedClock, scripts: readonly Script[]): ScriptedFetch {
  const calls: string[] = []
  const left = [...scripts]
  let cancelled = 0
  let pulled = 0
  const fetch: typeof globalThis.fetch = async (input, init) => {
    calls.push(`${init?.method ?? 'GET'} ${String(input)}`)
    const script = left.shift()
    if (!script) throw new TypeError('fetch failed', { cause: new Error('nothing more is scripted') })
    clock.pass(script.headMs ?? 0)
    let next = 0
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          pulled++
          init?.signal?.throwIfAborted()
          const step = script.steps[next++]
          if (!step) return controller.close()
          const [afterMs, piece] = step
          clock.pass(afterMs)
          if (piece === 'break') throw new TypeError('terminated', { cause: new Error('other side closed') })
          controller.enqueue(new Uint8Array(Buffer.from(piece)))
        },
        cancel() {
          cancelled++
        },
      },
      { highWaterMark: 0 },
    )
    const headers = { 'content-type': 'text/event-stream', ...script.headers }
    return new Response(body, { status: script.status ?? 200, headers })
  }
  return { fetch, calls, cancelled: () => cancelled, pulled: () => pulled }
}
