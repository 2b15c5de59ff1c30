import type { Fault } from '@agent-stream/test-harness'
import { InvalidArgumentError } from 'commander'

export const FAULT_HELP = `
Faults (--fault, more than once if need be):
  cut:5        the connection breaks after 5 events        cut:120b   after 120 bytes
  close:5      it is closed in an orderly way, too early
  stall:5:10s  10 s of silence after 5 events              stall:5    silence for good
  status:503   an error instead of the stream              status:429:2s  with Retry-After
  refuse       the request fails
  duplicate    some events come twice                      reorder    results of tools change places
  crlf         lines end with CRLF
The first four kinds and "refuse" befall the first request; cut:5@2 the second, cut:5@every each.`

/** `cut:5@every` and the like; further ones are added to those before. */
export function faultArgument(text: string, before: readonly Fault[] = []): readonly Fault[] {
  const fault = parseFault(text)
  if (!fault)
    throw new InvalidArgumentError(`Expected a fault like cut:5, stall:5:10s or status:503; got "${text}".`)
  return [...before, fault]
}

function parseFault(text: string): Fault | undefined {
  const [, type, first, second, on] = /^(\w+)(?::(\w+))?(?::(\w+))?(?:@(every|[1-9]\d*))?$/.exec(text) ?? []
  const request = on && { request: on === 'every' ? ('every' as const) : Number(on) }
  switch (type) {
    case 'cut':
    case 'close': {
      const [, count, bytes] = /^(\d+)(b?)$/.exec(first ?? '') ?? []
      if (!count || second) return undefined
      const after = bytes ? { afterBytes: Number(count) } : { afterEvents: Number(count) }
      return { type: 'cut', as: type === 'close' ? 'close' : 'drop', ...after, ...request }
    }
    case 'stall': {
      const ms = second === undefined ? Infinity : millisecondsOf(second)
      if (!/^\d+$/.test(first ?? '') || !ms) return undefined
      return { type, afterEvents: Number(first), ms, ...request }
    }
    case 'status': {
      const retryAfterMs = second === undefined ? 0 : millisecondsOf(second)
      if (!/^[45]\d\d$/.test(first ?? '') || retryAfterMs === undefined) return undefined
      const retryAfter = second !== undefined && { retryAfterSeconds: Math.ceil(retryAfterMs / 1000) }
      return { type, status: Number(first), ...retryAfter, ...request }
    }
    case 'refuse':
      return first === undefined ? { type, ...request } : undefined
    case 'duplicate':
    case 'reorder':
    case 'crlf':
      return first === undefined && !request ? { type } : undefined
    default:
      return undefined
  }
}

/** `500ms`, `10s` */
function millisecondsOf(text: string): number | undefined {
  const [, amount, unit] = /^(\d+)(ms|s)$/.exec(text) ?? []
  return amount ? Number(amount) * (unit === 's' ? 1000 : 1) : undefined
}
