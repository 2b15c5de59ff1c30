import type { Answer, Cost, Rate, Total, TotalMetric } from './report.ts'

/** Stands where there is no figure. */
export const NO_FIGURE = '–'

/** A share in percent. It is 100 % or 0 % only if it is exactly that. */
export function percentText(share: number | null): string {
  if (share === null) return NO_FIGURE
  const percent = Math.round(share * 100)
  if (percent === 100 && share < 1) return '> 99 %'
  if (percent === 0 && share > 0) return '< 1 %'
  return `${percent} %`
}

/** The 95 % confidence interval of a share. */
export function intervalText(rate: Rate | null): string {
  if (rate === null) return NO_FIGURE
  return `${Math.round(rate.low * 100)}–${Math.round(rate.high * 100)} %`
}

export function scoreText(score: number | null): string {
  return score === null ? NO_FIGURE : score.toFixed(2)
}

export function countText(count: number): string {
  return count.toLocaleString('en')
}

/** A count with its noun. */
export function countOf(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** Milliseconds, in seconds. */
export function secondsText(ms: number | null): string {
  if (ms === null) return NO_FIGURE
  const seconds = ms / 1000
  return `${seconds < 10 ? seconds.toFixed(2) : seconds.toFixed(1)} s`
}

/** Two digits after the point, or as many as show two that count. */
export function moneyText(amount: number, currency: string): string {
  const digits = amount === 0 ? 2 : Math.min(8, Math.max(2, 1 - Math.floor(Math.log10(Math.abs(amount)))))
  const text = amount.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: digits })
  return currency === 'USD' ? `$${text}` : `${text} ${currency}`
}

/** A lower bound is marked as one. */
export function costText(cost: Cost | null, currency: string): string {
  if (cost === null) return NO_FIGURE
  return `${cost.isPartial ? '≥ ' : ''}${moneyText(cost.amount, currency)}`
}

export function ratioText(ratio: number | null): string {
  return ratio === null ? NO_FIGURE : `${ratio.toFixed(2)}×`
}

const METRICS: Readonly<Record<TotalMetric, string>> = {
  inputTokens: 'Input tokens',
  outputTokens: 'Output tokens',
  latencyMs: 'Latency (mean)',
  firstChunkMs: 'TTFB (mean)',
  cost: 'Est. cost',
}

export function metricText({ metric, pricing }: Total): string {
  return pricing === null ? METRICS[metric] : `${METRICS[metric]} (${pricing})`
}

export function totalText({ metric, currency }: Total, value: number): string {
  if (metric === 'cost') return moneyText(value, currency ?? 'USD')
  return metric === 'latencyMs' || metric === 'firstChunkMs' ? secondsText(value) : countText(value)
}

/** A figure of both sides. */
export function pairText<T>(baseline: T | null, target: T | null, text: (value: T) => string): string {
  if (baseline === null && target === null) return NO_FIGURE
  return `${baseline === null ? '?' : text(baseline)} → ${target === null ? '?' : text(target)}`
}

/** The mean of what is known, of all samples. */
export function meanOf(answers: readonly Answer[], figure: (answer: Answer) => number | null): number | null {
  const known = answers.map(figure).filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length
}

/** The arguments of a tool call on one line. */
export function argumentsText(args: unknown): string {
  return typeof args === 'string' ? args : (JSON.stringify(args) ?? '')
}
