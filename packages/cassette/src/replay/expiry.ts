import type { Exchange } from '../exchange.ts'

/** What becomes of recordings that are too old. */
export interface Expiry {
  /** A recording that is older is expired, in milliseconds. */
  readonly maxAgeMs: number
  /**
   * `'re-record'`: in auto mode it is recorded anew, in replay it is reported. `'warn'`: it answers, and is reported.
   * `'fail'`: it does not answer. Default `'warn'`.
   */
  readonly action?: 're-record' | 'warn' | 'fail'
}

/** `nowMs`: milliseconds since 1970. */
export function isExpired({ startedAt }: Exchange, { maxAgeMs }: Expiry, nowMs: number): boolean {
  return nowMs - Date.parse(startedAt) > maxAgeMs
}

/** Throws `TypeError` for what is no policy. */
export function checkExpiry({ maxAgeMs, action = 'warn' }: Expiry): void {
  if (!(maxAgeMs >= 0)) {
    throw new TypeError(`expiry.maxAgeMs is ${maxAgeMs}; expected milliseconds`)
  }
  if (!['re-record', 'warn', 'fail'].includes(action)) {
    throw new TypeError(`expiry.action is ${JSON.stringify(action)}; expected "re-record", "warn" or "fail"`)
  }
}
