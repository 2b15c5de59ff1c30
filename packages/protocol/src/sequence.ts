import { List } from './list.ts'
import { EMPTY_RUN_STATE, type SeqGap, type SeqState } from './run-state.ts'

/**
 * Keeps the numbers of a run: which came, which are missing, which came twice.
 * Counting begins with `run_started` (or a `gap`); before it, ids are the server's own affair.
 */
export class Sequence {
  #isNumbered = false
  #last = 0
  #duplicates = 0
  #gaps = new List<SeqGap>(EMPTY_RUN_STATE.seq.gaps)
  #state = EMPTY_RUN_STATE.seq

  begin(): void {
    this.#isNumbered = true
  }

  /** Takes an event's number; false when that event was taken before. */
  admit(seq: number): boolean {
    if (!this.#isNumbered) return true
    if (seq > this.#last) {
      this.#skipTo(seq)
      this.#last = seq
      return true
    }
    const isLate = this.#fill(seq)
    if (!isLate) this.#duplicates++
    return isLate
  }

  /** The server says that these will not come. Only a server that numbers its events says so. */
  miss(from: number, to: number): void {
    this.#isNumbered = true
    if (to > this.#last && from <= to) {
      this.#skipTo(Math.max(from, this.#last + 1))
      this.#gaps.push({ from: Math.max(from, this.#last + 1), to })
      this.#last = to
    }
  }

  snapshot(): SeqState {
    const gaps = this.#gaps.snapshot()
    const { last, duplicates } = this.#state
    if (last !== this.#last || duplicates !== this.#duplicates || gaps !== this.#state.gaps) {
      this.#state = { last: this.#last, gaps, duplicates: this.#duplicates }
    }
    return this.#state
  }

  #skipTo(seq: number): void {
    if (seq > this.#last + 1) this.#gaps.push({ from: this.#last + 1, to: seq - 1 })
  }

  /** Takes a number out of its gap; false when it is in none. */
  #fill(seq: number): boolean {
    const gaps = this.#gaps.snapshot()
    const gap = gaps.find(({ from, to }) => from <= seq && seq <= to)
    if (!gap) return false
    this.#gaps = new List<SeqGap>(EMPTY_RUN_STATE.seq.gaps)
    for (const { from, to } of gaps) {
      if (from < seq && seq <= to) this.#gaps.push({ from, to: seq - 1 })
      if (from <= seq && seq < to) this.#gaps.push({ from: seq + 1, to })
      if (seq < from || to < seq) this.#gaps.push({ from, to })
    }
    return true
  }
}
