/** Something in a file that could not be read. It is passed over: readers see a jump in the numbers. */
export interface LogDamage {
  readonly file: string
  /** Where it begins, in bytes. */
  readonly offset: number
  readonly problem: /** A last line that is not whole: its writing was interrupted, nobody was told of it. It was cut off. */
    | 'torn_tail'
    /** A line whose checksum does not fit, or that is no line of this log. */
    | 'unreadable_line'
    /** A run without a readable first line. It is not served; its file is left as it is. */
    | 'unreadable_header'
}

const MAX_KNOWN = 10_000

/** Tells of each damage once, however often its place is read. */
export function createDamageReporter(report: (damage: LogDamage) => void): (damage: LogDamage) => void {
  const known = new Set<string>()
  return (damage) => {
    const place = `${damage.offset} ${damage.file}`
    if (known.has(place)) return
    if (known.size >= MAX_KNOWN) known.clear()
    known.add(place)
    report(damage)
  }
}

export function warnOfDamage({ file, offset, problem }: LogDamage): void {
  process.emitWarning(`${file}: ${problem} at byte ${offset}`, { type: 'LogDamage' })
}
