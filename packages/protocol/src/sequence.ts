import { EMPTY_RUN_STATE, type SeqGap, type SeqState } from './run-state.ts'

/**
 * Keeps the numbers of a run: which came, which are missing, which came twice.
 * Counting begins with `run_started` (or a `gap`); before it, ids are the server's own affair.
 */
export class Sequence {
  #isNumbered = false
  #last = 0
  #duplicates = 0
  readonly #gaps: SeqGap[] = []
  #areGapsDirty = false
  #state = EMPTY_RUN_STATE.seq

  begin(): void {
    this.#isNumbered = true
  }

  /** Takes an event's number; false when that event was taken before. */
  admit(seq: number): boolean {
    if (!this.#isNumbered) return true
    if (seq > this.#last) {
      this.#miss(this.#last + 1, seq - 1)
      this.#last = seq
      return true
    }
    const index = this.#gaps.findIndex(({ from, to }) => from <= seq && seq <= to)
    const gap = this.#gaps[index]
    if (gap) {
      this.#areGapsDirty = true
      this.#gaps.splice(index, 1)
      this.#miss(gap.from, seq - 1)
      this.#miss(seq + 1, gap.to)
      this.#gaps.sort((a, b) => a.from - b.from)
    } else {
      this.#duplicates++
    }
    return gap !== undefined
  }

  /** The server says that these will not come. Only a server that numbers its events says so. */
  skip(from: number, to: number): void {
    this.begin()
    const next = this.#last + 1
    if (to < next || to < from) return
    this.#miss(next, from - 1)
    this.#miss(Math.max(from, next), to)
    this.#last = to
  }

  snapshot(): SeqState {
    const { last, gaps, duplicates } = this.#state
    if (last !== this.#last || duplicates !== this.#duplicates || this.#areGapsDirty) {
      this.#state = {
        last: this.#last,
        gaps: this.#areGapsDirty ? this.#gaps.slice() : gaps,
        duplicates: this.#duplicates,
      }
      this.#areGapsDirty = false
    }
    return this.#state
  }

  #miss(from: number, to: number): void {
    this.#areGapsDirty ||= from <= to
    if (from <= to) this.#gaps.push({ from, to })
  }
}
