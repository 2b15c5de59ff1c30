export interface Quantiles {
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
}

/** Of not too many values, by nearest rank, to two decimals; undefined where there are none. */
export function quantilesOf(values: readonly number[]): Quantiles | undefined {
  if (values.length === 0) return undefined
  const sorted = Float64Array.from(values).sort()
  const at = (share: number) => {
    const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] as number
    return Math.round(value * 100) / 100
  }
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) }
}
