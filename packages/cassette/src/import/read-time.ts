const DAY_ONLY_OR_ZONED = /^\d{4}-\d{2}-\d{2}$|(?:Z|[+-]\d{2}:?\d{2})$/

/**
 * Milliseconds since 1970 of a time in any of the systems' forms: ISO 8601 (without a zone it is UTC, as exports have
 * it), or a number of seconds, milliseconds, microseconds or nanoseconds, told apart by its size.
 */
export function readTime(value: unknown): number | undefined {
  if (typeof value === 'string' && !/^\d+(?:\.\d+)?$/.test(value)) {
    const text = value.trim().replace(' ', 'T')
    const ms = Date.parse(DAY_ONLY_OR_ZONED.test(text) ? text : `${text}Z`)
    return Number.isNaN(ms) ? undefined : ms
  }
  const count = typeof value === 'string' ? Number(value) : value
  if (typeof count !== 'number' || !(count > 0)) return undefined
  // Until the year 5138 in each of the units.
  const perMs = count < 1e11 ? 1e-3 : count < 1e14 ? 1 : count < 1e17 ? 1e3 : 1e6
  return count / perMs
}

export interface CallTimes {
  readonly startedAt?: string
  readonly latencyMs?: number
  readonly firstChunkMs?: number
}

/** The times of a call from those of its start, its end and its first bytes, as far as they are known. */
export function callTimes(start: unknown, end: unknown, firstChunk?: unknown): CallTimes {
  const startMs = readTime(start)
  if (startMs === undefined) return {}
  const [endMs, firstMs] = [readTime(end), readTime(firstChunk)]
  return {
    startedAt: new Date(startMs).toISOString(),
    ...(endMs !== undefined && endMs >= startMs && { latencyMs: endMs - startMs }),
    ...(firstMs !== undefined && firstMs >= startMs && { firstChunkMs: firstMs - startMs }),
  }
}
