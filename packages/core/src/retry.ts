/**
 * What happens when the connection drops and the run cannot be resumed:
 * - `restart-safe`: the request is repeated, unless a tool had started (its side effects would repeat)
 * - `restart`: the request is repeated
 * - `resume-only`: the request is never repeated
 */
export type OnDrop = 'restart-safe' | 'restart' | 'resume-only'

export interface RetryOptions {
  /** Repeated requests in a row that get no further than any before. Default 3. */
  readonly attempts?: number
  /** The first wait, in milliseconds; it doubles from try to try. A `retry:` field replaces it. Default 1,000. */
  readonly baseMs?: number
  /** The longest wait before jitter, in milliseconds. Default 4,000. */
  readonly maxMs?: number
  /** Default `restart-safe`. */
  readonly onDrop?: OnDrop
  /** How long it is tried to resume a run without getting further, in milliseconds. Default 300,000. */
  readonly resumeForMs?: number
  /**
   * Whether to send `Idempotency-Key`. By default it goes where no preflight can refuse it: to the page's own
   * origin, and everywhere outside browsers.
   */
  readonly idempotencyKey?: boolean
}

export interface RetryLimits {
  readonly attempts: number
  readonly baseMs: number
  readonly maxMs: number
  readonly onDrop: OnDrop
  readonly resumeForMs: number
}

export const DEFAULT_RETRY: RetryLimits = {
  attempts: 3,
  baseMs: 1000,
  maxMs: 4000,
  onDrop: 'restart-safe',
  resumeForMs: 300_000,
}

/** The options with defaults for what is absent. */
export function retryLimits(options: RetryOptions = {}): RetryLimits {
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  return { ...DEFAULT_RETRY, ...Object.fromEntries(given) }
}

/** The waits that a server may ask for, and the longest one before a run is resumed, in milliseconds. */
const MIN_WAIT_MS = 100
export const MAX_WAIT_MS = 30_000

/**
 * The wait before try `n` (1 = the first), in milliseconds: `base · 2ⁿ⁻¹`, at most `maxMs`, plus up to a quarter.
 * `random` returns [0, 1). `retryFieldMs` is the server's SSE `retry:`.
 */
export function retryDelayMs(
  n: number,
  { baseMs, maxMs }: RetryLimits,
  random: () => number,
  retryFieldMs?: number,
): number {
  const base =
    retryFieldMs === undefined ? baseMs : Math.min(Math.max(MIN_WAIT_MS, retryFieldMs), MAX_WAIT_MS)
  return Math.min(Math.max(maxMs, base), base * 2 ** (n - 1)) * (1 + 0.25 * random())
}

/** `Retry-After` (RFC 9110, section 10.2.3) in milliseconds; 0 when it says nothing. */
export function retryAfterMs(value: string | null, dateNow: () => number): number {
  const seconds = Number(value)
  const waitMs = Number.isNaN(seconds) ? Date.parse(value as string) - dateNow() : seconds * 1000
  return Math.min(Math.max(0, waitMs || 0), MAX_WAIT_MS)
}

/** Statuses that may pass: timeout, too many requests, trouble on the server's side. */
export function isRetryableStatus(status: number): boolean {
  return status === 408 || status === 429 || status >= 500
}
