/** Which answers with a status of 400 or more are kept. */
export type RecordErrors = 'none' | 'lasting' | 'all' | ((status: number) => boolean)

/** The key of the moment, the load of the moment: what the same request may not be told tomorrow. */
const PASSING: ReadonlySet<number> = new Set([401, 403, 407, 408, 409, 425, 429])

/** Throws `TypeError` for what is no policy. */
export function keepsStatus(policy: RecordErrors, status: number): boolean {
  if (status < 400) return true
  if (typeof policy === 'function') return policy(status)
  switch (policy) {
    case 'none':
      return false
    case 'lasting':
      return status < 500 && !PASSING.has(status)
    case 'all':
      return true
    default:
      throw new TypeError(
        `recordErrors is ${JSON.stringify(policy)}; expected "none", "lasting", "all" or a function of the status`,
      )
  }
}
