import { EMPTY_RUN_STATE, type SeqGap, type SeqState } from './run-state.ts'

/**
 * Keeps the numbers of a run: which came, which are missing, which came twice.
 * Counting begins with `run_started` (or a `gap`); before it, ids are the server's own affair.
 */
export interface Sequence {
  begin(): void
  /** Whether the number leaves out others that have not come. */
  jumps(seq: number): boolean
  /** Takes an event's number; false when that event was taken before. */
  admit(seq: number): boolean
  /**
   * These will not come. Without a numbered event before, they are all that is said to be missing: the stream may
   * have its numbers from elsewhere, and give none of them as ids.
   */
  skip(from: number, to: number): void
  snapshot(): SeqState
}

export function createSequence(): Sequence {
  const gaps: SeqGap[] = []
  let isNumbered = false
  /** A numbered event was taken: numbers before a `gap` that have not come are missing. */
  let hasNumber = false
  let last = 0
  let duplicates = 0
  let state: SeqState | undefined = EMPTY_RUN_STATE.seq

  const gapOf = (from: number, to: number): SeqGap[] => (from <= to ? [{ from, to }] : [])

  return {
    begin() {
      isNumbered = true
    },
    jumps: (seq) => isNumbered && seq > last + 1,
    admit(seq) {
      if (!isNumbered) return true
      state = undefined
      hasNumber = true
      if (seq > last) {
        gaps.push(...gapOf(last + 1, seq - 1))
        last = seq
        return true
      }
      const index = gaps.findIndex(({ from, to }) => from <= seq && seq <= to)
      const gap = gaps[index]
      if (gap) gaps.splice(index, 1, ...gapOf(gap.from, seq - 1), ...gapOf(seq + 1, gap.to))
      else duplicates++
      return !!gap
    },
    skip(from, to) {
      isNumbered = true
      if (to <= last || to < from) return
      state = undefined
      if (hasNumber) gaps.push(...gapOf(last + 1, from - 1))
      gaps.push(...gapOf(Math.max(from, last + 1), to))
      last = to
    },
    snapshot: () => (state ??= { last, gaps: gaps.slice(), duplicates }),
  }
}
