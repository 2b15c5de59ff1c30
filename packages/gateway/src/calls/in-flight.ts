import type { Clock } from '@agent-stream/server'

import type { CallRequest } from '../proxy/call.ts'

/** A call that is under way. */
export interface InFlightCall {
  readonly call: string
  /** ISO 8601. */
  readonly startedAt: string
  readonly target: string
  readonly method: string
  /** Without its query. */
  readonly path: string
  readonly elapsedMs: number
  readonly ttftMs?: number
}

/** The calls that are under way. */
export interface InFlight {
  add(request: CallRequest, startedAt: string): void
  firstToken(call: string, ttftMs: number): void
  remove(call: string): void
  readonly count: number
  list(): readonly InFlightCall[]
}

export function createInFlight(clock: Clock): InFlight {
  const calls = new Map<string, Omit<InFlightCall, 'elapsedMs'> & { readonly startedMs: number }>()
  return {
    add({ id, target, method, path }, startedAt) {
      const withoutQuery = path.replace(/\?.*$/s, '')
      calls.set(id, {
        call: id,
        startedAt,
        target: target.name,
        method,
        path: withoutQuery,
        startedMs: clock.now(),
      })
    },
    firstToken(call, ttftMs) {
      const known = calls.get(call)
      if (known) calls.set(call, { ...known, ttftMs })
    },
    remove: (call) => void calls.delete(call),
    get count() {
      return calls.size
    },
    list: () =>
      [...calls.values()].map(({ startedMs, ...call }) => ({
        ...call,
        elapsedMs: Math.round(clock.now() - startedMs),
      })),
  }
}
