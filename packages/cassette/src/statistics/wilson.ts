/** The 97.5 % quantile of the normal distribution: 95 % lie between it and its negative. */
const Z = 1.959963984540054

/**
 * The 95 % confidence interval of a share, by Wilson's score: it stays within 0 and 1 and is right for few trials.
 * `successes` may be a sum of shares.
 */
export function wilsonInterval(
  successes: number,
  trials: number,
): { readonly low: number; readonly high: number } {
  if (trials === 0) return { low: 0, high: 1 }
  const share = successes / trials
  const spread = Z ** 2 / trials
  const centre = share + spread / 2
  const radius = Z * Math.sqrt((share * (1 - share)) / trials + spread / (4 * trials))
  const bounded = (value: number) => Math.min(1, Math.max(0, value / (1 + spread)))
  return { low: bounded(centre - radius), high: bounded(centre + radius) }
}
