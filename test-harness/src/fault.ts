import type { RecordedEvent } from '@agent-stream/protocol'

import { randomBelow, seededRandom } from './seeded-random.ts'
import { reorderTools } from './tool-order.ts'

/** Which request for the stream it befalls: the n-th, from 1, or each. Default 1. */
export interface OnRequest {
  readonly request?: number | 'every'
}

/** The answer breaks off: as a lost connection does (`'drop'`, the default), or as a proxy's orderly close does. */
interface Cut extends OnRequest {
  readonly type: 'cut'
  readonly as?: 'drop' | 'close'
}

/**
 * What goes wrong on the way. Faults are combined by listing them.
 * - `cut`: the answer breaks off after so many of its events, or bytes
 * - `stall`: after so many of its events the answer is silent, heartbeats too, for `ms` milliseconds or (`Infinity`)
 *   for good; what follows comes so much later
 * - `status`: an error status instead of the stream
 * - `refuse`: the request itself fails
 * - `duplicate`: some events come again, up to three events later
 * - `reorder`: the events of tools come in another order
 * - `crlf`: lines end with CRLF
 */
export type Fault =
  | (Cut & { readonly afterEvents: number })
  | (Cut & { readonly afterBytes: number })
  | (OnRequest & { readonly type: 'stall'; readonly afterEvents: number; readonly ms: number })
  | (OnRequest & { readonly type: 'status'; readonly status: number; readonly retryAfterSeconds?: number })
  | (OnRequest & { readonly type: 'refuse' })
  | EventFault

/** Those that leave the connection alone. `seed`: whole; default 1. */
export type EventFault =
  | { readonly type: 'duplicate'; readonly seed?: number }
  | { readonly type: 'reorder'; readonly seed?: number }
  | { readonly type: 'crlf' }

const EVENT_FAULTS: ReadonlySet<string> = new Set<EventFault['type']>(['duplicate', 'reorder', 'crlf'])

/** Whether it leaves the connection alone. */
export function isEventFault(fault: Fault): fault is EventFault {
  return EVENT_FAULTS.has(fault.type)
}

/** The faults of this type that befall the request. */
export function faultsOn<T extends Fault['type']>(
  faults: readonly Fault[],
  type: T,
  request: number,
): Extract<Fault, { readonly type: T }>[] {
  const ofType = faults.filter((fault): fault is Extract<Fault, { readonly type: T }> => fault.type === type)
  return ofType.filter((fault) => {
    const on = 'request' in fault ? fault.request : 1
    return on === 'every' || on === request
  })
}

/** The events as a server sends them that is given these faults. */
export function sentEvents(events: readonly RecordedEvent[], faults: readonly Fault[]): RecordedEvent[] {
  let sent = [...events]
  for (const fault of faults) {
    if (fault.type === 'duplicate') sent = duplicated(sent, seededRandom(fault.seed ?? 1))
    else if (fault.type === 'reorder') sent = reorderTools(sent, seededRandom(fault.seed ?? 1))
  }
  return sent
}

/** One event in three comes again. */
function duplicated(events: readonly RecordedEvent[], random: () => number): RecordedEvent[] {
  const copies = new Map<number, RecordedEvent[]>()
  return events.flatMap((event, index) => {
    if (random() < 1 / 3) {
      const place = Math.min(index + randomBelow(4, random), events.length - 1)
      copies.set(place, [...(copies.get(place) ?? []), event])
    }
    return [event, ...(copies.get(index) ?? []).map((copy) => ({ ...copy, t: event.t }))]
  })
}

/** The caller's mistake, which would else be a fault that never happens. */
export function checkFaults(faults: readonly Fault[]): void {
  for (const fault of faults) {
    const problem = problemOf(fault)
    if (problem) throw new TypeError(`replay: the fault ${JSON.stringify(fault)} ${problem}`)
  }
}

function problemOf(fault: Fault): string | undefined {
  const isCount = (n: unknown, from: number) => Number.isSafeInteger(n) && (n as number) >= from
  if ('request' in fault && fault.request !== 'every' && !isCount(fault.request, 1))
    return `befalls no request; give "request" from 1 on, or 'every'`
  switch (fault.type) {
    case 'cut': {
      const after = 'afterEvents' in fault ? fault.afterEvents : fault.afterBytes
      return isCount(after, 0) ? undefined : 'needs "afterEvents" or "afterBytes", a whole number from 0 on'
    }
    case 'stall':
      if (!isCount(fault.afterEvents, 0)) return 'needs "afterEvents", a whole number from 0 on'
      return fault.ms > 0 ? undefined : 'needs "ms", milliseconds above 0, or Infinity'
    case 'status': {
      const { status } = fault
      return isCount(status, 400) && status < 600 ? undefined : 'needs "status", from 400 to 599'
    }
    case 'refuse':
    case 'duplicate':
    case 'reorder':
    case 'crlf':
      return undefined
    default:
      return `is unknown: ${fault satisfies never as string}`
  }
}
