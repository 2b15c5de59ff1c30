/** Two judgements of the same rows: of which the one passed and the other did not. */
export interface PairedOutcome {
  readonly onlyFirst: number
  readonly onlySecond: number
  /** How probable so uneven a split is where both pass alike (McNemar's exact test, two-sided). 1 where none differ. */
  readonly pValue: number
}

/** Compares two runs over the same rows: whether the second passes more of them, or fewer, than chance explains. */
export function comparePasses(rows: readonly (readonly [first: boolean, second: boolean])[]): PairedOutcome {
  const onlyFirst = rows.filter(([first, second]) => first && !second).length
  const onlySecond = rows.filter(([first, second]) => second && !first).length
  const differing = onlyFirst + onlySecond
  const tail = binomialTail(differing, Math.min(onlyFirst, onlySecond))
  return { onlyFirst, onlySecond, pValue: Math.min(1, 2 * tail) }
}

/** The probability of at most `k` heads in `n` throws of a fair coin. In logarithms, since 2⁻ⁿ soon is 0. */
function binomialTail(n: number, k: number): number {
  let logTerm = -n * Math.LN2
  let sum = Math.exp(logTerm)
  for (let i = 1; i <= k; i++) {
    logTerm += Math.log(n - i + 1) - Math.log(i)
    sum += Math.exp(logTerm)
  }
  return sum
}
