import { percentText } from './figure-text.ts'
import { type Html, html } from './html-template.ts'
import type { Rate } from './report.ts'

/** A bar of a share, with a whisker for its confidence interval. */
export function rateBar({ value, low, high }: Rate): Html {
  const x = (share: number) => (share * 100).toFixed(1)
  return html`<svg class="rate" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="${percentText(value)}"><rect class="track" width="100" height="10"/><rect class="fill" width="${x(value)}" height="10"/><path class="whisker" d="M${x(low)} 5H${x(high)}M${x(low)} 2V8M${x(high)} 2V8"/></svg>`
}

export interface Slice {
  readonly kind: string
  readonly count: number
}

/** One bar that is made of what all prompts came to. */
export function stackedBar(slices: readonly Slice[]): Html {
  const total = Math.max(
    1,
    slices.reduce((sum, { count }) => sum + count, 0),
  )
  let start = 0
  const rects = slices.map(({ kind, count }) => {
    const x = start
    start += (count / total) * 100
    return html`<rect class="${kind}" x="${x.toFixed(2)}" width="${(start - x).toFixed(2)}" height="10"/>`
  })
  const label = slices.map(({ kind, count }) => `${count} ${kind}`).join(', ')
  return html`<svg class="stack" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="${label}">${rects}</svg>`
}

/** Both sides of a figure, the longer one as long as the chart. */
export function pairBars(baseline: number, target: number): Html {
  const max = Math.max(baseline, target)
  const width = (value: number) => (max === 0 ? 0 : (value / max) * 100).toFixed(1)
  return html`<svg class="pair" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true"><rect class="baseline" width="${width(baseline)}" height="5"/><rect class="target" y="7" width="${width(target)}" height="5"/></svg>`
}
