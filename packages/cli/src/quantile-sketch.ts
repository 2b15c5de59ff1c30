/**
 * Quantiles of many positive numbers in bounded memory, each within 0.1 % of the true one: numbers are counted in
 * buckets that grow by a constant factor (Masson, Rim, Lee: DDSketch, 2019).
 */
export interface QuantileSketch {
  add(value: number): void
  readonly count: number
  /** Undefined without numbers. `share` from 0 to 1. */
  quantile(share: number): number | undefined
  readonly max: number | undefined
}

const ACCURACY = 0.001
const GAMMA = (1 + ACCURACY) / (1 - ACCURACY)
const LOG_GAMMA = Math.log(GAMMA)
/** Smaller ones count as 0. With the largest double, that bounds the buckets at 360,000; of milliseconds to hours it is 9,000. */
const SMALLEST = 1e-3

export function createQuantileSketch(): QuantileSketch {
  const buckets = new Map<number, number>()
  let zeros = 0
  let count = 0
  let max: number | undefined

  return {
    add(value) {
      count++
      max = Math.max(max ?? value, value)
      if (value < SMALLEST) {
        zeros++
        return
      }
      const bucket = Math.ceil(Math.log(value) / LOG_GAMMA)
      buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1)
    },
    get count() {
      return count
    },
    get max() {
      return max
    },
    quantile(share) {
      if (max === undefined || share === 1) return max
      // The nearest rank: of two numbers, the 95th percentile is the larger one.
      let before = Math.max(1, Math.ceil(share * count)) - 1 - zeros
      if (before < 0) return 0
      for (const [bucket, counted] of [...buckets].sort(([a], [b]) => a - b)) {
        before -= counted
        if (before < 0) return Math.min(max, (2 * GAMMA ** bucket) / (GAMMA + 1))
      }
      return max
    },
  }
}
