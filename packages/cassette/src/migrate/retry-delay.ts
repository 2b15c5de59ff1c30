/** Statuses of an API that is busy or broken for a moment. 529 is Anthropic's for overload, 431 a proxy's hiccup. */
const RETRIED_STATUSES: ReadonlySet<number> = new Set([429, 431, 500, 502, 503, 529])

/** Nobody waits longer for an API that asks for it. */
export const MAX_RETRY_AFTER_MS = 300_000

export function isRetried(status: number): boolean {
  return RETRIED_STATUSES.has(status)
}

/**
 * Milliseconds to wait before retry `n` (1 = the first): what `Retry-After` asks for (RFC 9110 10.2.3, seconds or a
 * date), else 1 s, 2 s, 4 s and up to a quarter more. `random` returns [0, 1).
 */
export function retryDelayMs(
  n: number,
  retryAfter: string | null,
  nowMs: number,
  random: () => number,
): number {
  return retryAfterMs(retryAfter, nowMs) ?? 1000 * 2 ** (n - 1) * (1 + 0.25 * random())
}

function retryAfterMs(value: string | null, nowMs: number): number | undefined {
  const text = value?.trim() ?? ''
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1000
  // `Date.parse` takes much more than dates, such as `-3`.
  const dateMs = /^[A-Z][a-z]+,? /.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs)
}
