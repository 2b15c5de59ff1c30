import { type Random, seededRandom } from './random.ts'

export interface Interval {
  readonly low: number
  readonly high: number
}

/** A mean with its 95 % interval, which is null for fewer than `MIN_FOR_INTERVAL` values: they say too little. */
export interface Mean {
  readonly mean: number
  readonly count: number
  readonly interval: Interval | null
}

/** Resampling four values or fewer gives intervals that look sure and are not. */
const MIN_FOR_INTERVAL = 5

const RESAMPLES = 2000

/**
 * The mean of values, with the interval of 2000 resamplings (percentile bootstrap), which asks nothing of how they are
 * distributed. Null for no values. The same values give the same interval.
 */
export function meanOf(values: readonly number[], random: Random = seededRandom(values.length)): Mean | null {
  if (values.length === 0) return null
  const mean = average(values)
  const count = values.length
  return { mean, count, interval: count < MIN_FOR_INTERVAL ? null : bootstrap(values, random) }
}

/** How much a value is with the target than with the baseline, pair by pair: null for no pairs. */
export function meanDifference(
  pairs: readonly (readonly [baseline: number, target: number])[],
  random?: Random,
): Mean | null {
  return meanOf(
    pairs.map(([baseline, target]) => target - baseline),
    random,
  )
}

function bootstrap(values: readonly number[], random: Random): Interval {
  const means = Array.from({ length: RESAMPLES }, () => {
    let sum = 0
    for (let i = 0; i < values.length; i++) sum += values[Math.floor(random() * values.length)] ?? 0
    return sum / values.length
  })
  means.sort((a, b) => a - b)
  const at = (share: number) => means[Math.round(share * (RESAMPLES - 1))] ?? 0
  return { low: at(0.025), high: at(0.975) }
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
