/** Milliseconds as people read them: three digits that count. */
export function durationText(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '-'
  if (ms < 1000) return `${Number(ms.toPrecision(ms < 1 ? 2 : 3))} ms`
  if (ms < 60_000) return `${Number((ms / 1000).toPrecision(3))} s`
  const minutes = ms / 60_000
  if (minutes < 60) return `${Number(minutes.toPrecision(3))} min`
  return `${Number((minutes / 60).toPrecision(3))} h`
}

export function countText(count: number): string {
  return count.toLocaleString('en')
}
