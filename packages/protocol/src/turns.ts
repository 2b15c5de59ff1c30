interface Mark {
  readonly number: number
  /** How many undos there were when it began. */
  readonly from: number
  readonly undo: () => void
}

/** The turns of a run, and what it takes to take them back (`spec/protocol.md`, section 4.4). */
export interface Turns {
  /** `undo` takes back what is done now. It is called once the turn is taken back, what was done last first. */
  onUndo(undo: () => void): void
  /** The turn that goes on: another object each time that one begins, or begins again. */
  current(): object
  /** The number of the turn that goes on, announced again or not; 0 before the first. */
  number(): number
  /** A turn is announced. One that is no further than all before it does not begin. `undo` comes after all others. */
  begin(number: number, undo: () => void): void
  /** Takes back all turns from number `to` on; the first of them begins again. */
  rollback(to: number): void
}

/** `undo` belongs to what comes before any turn is announced. */
export function createTurns(undo: () => void): Turns {
  const undos: (() => void)[] = []
  const marks: Mark[] = [{ number: 1, from: 0, undo }]
  const current = () => marks.at(-1) as Mark

  return {
    onUndo: (undo) => undos.push(undo),
    current,
    number: () => (marks[1] ? current().number : 0),
    begin(number, undo) {
      // What comes before the first turn is the turn before it.
      if (!marks[1]) marks[0] = { ...current(), number: number - 1 }
      if (number > current().number) marks.push({ number, from: undos.length, undo })
    },
    rollback(to) {
      let mark: Mark | undefined
      while (marks[0] && current().number >= to) mark = marks.pop()
      if (!mark) return
      for (const undo of undos.splice(mark.from).reverse()) undo()
      mark.undo()
      marks.push({ ...mark })
    },
  }
}
