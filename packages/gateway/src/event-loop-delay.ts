import { monitorEventLoopDelay } from 'node:perf_hooks'

import type { Quantiles } from './calls/quantiles.ts'

const RESOLUTION_MS = 10
const PERIOD_MS = 60_000

/** How late the event loop is. */
export interface EventLoopDelay {
  /** Since the last minute began, or the one before; undefined before there is anything to say. In milliseconds. */
  quantiles(): Quantiles | undefined
  stop(): void
}

export function watchEventLoopDelay(): EventLoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  let before: Quantiles | undefined
  const timer = setInterval(() => {
    before = now()
    histogram.reset()
  }, PERIOD_MS).unref()

  /** What is measured is the time between two looks, so that the time that was meant to pass goes off. */
  const lateMs = (ns: number) => Math.max(0, Math.round((ns / 1e6 - RESOLUTION_MS) * 100) / 100)

  function now(): Quantiles | undefined {
    if (histogram.count === 0) return undefined
    const [p50, p95, p99] = [50, 95, 99].map((share) => lateMs(histogram.percentile(share))) as [
      number,
      number,
      number,
    ]
    return { p50, p95, p99, max: lateMs(histogram.max) }
  }

  return {
    quantiles: () => (histogram.count < 100 ? (before ?? now()) : now()),
    stop() {
      clearInterval(timer)
      histogram.disable()
    },
  }
}
