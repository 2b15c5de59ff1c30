import { LogError } from '../log-error.ts'

/** What passes, by the code that begins an error reply. */
const PASSING: Readonly<Record<string, string>> = {
  LOADING: 'Redis is loading its data',
  READONLY: 'Redis is a replica, which takes no writes',
  MASTERDOWN: 'Redis is a replica that has lost its primary',
  NOREPLICAS: 'Redis has too few replicas to take writes',
  OOM: 'Redis is out of memory: raise its "maxmemory", or keep runs for a shorter time',
  MISCONF: 'Redis cannot save to its disk, and takes no writes until it can',
  BUSY: 'Redis is busy with a script',
  NOAUTH: 'Redis asks for a password: give it to the client',
  WRONGPASS: "Redis refuses the client's user name or password",
  NOPERM: "Redis does not allow the client's user what the log needs",
  // A blocking read that a failover ended.
  UNBLOCKED: 'Redis has changed its role',
}

const CLUSTER_CODES: ReadonlySet<string> = new Set(['MOVED', 'ASK', 'CROSSSLOT', 'CLUSTERDOWN', 'TRYAGAIN'])

/** The code of an error reply: its first word. Errors of sockets and of the client have none. */
export function replyCode(error: unknown): string | undefined {
  return error instanceof Error ? /^[A-Z]+(?= |$)/.exec(error.message)?.[0] : undefined
}

/**
 * What a failed command is to the log's caller: `unavailable` where it may pass, else an `Error` that no retry mends.
 * The message has none of the reply's own words, which may repeat a command; they are in `cause`.
 */
export function redisError(cause: unknown): Error {
  if (cause instanceof LogError) return cause
  const code = replyCode(cause)
  if (code === undefined) return new LogError('unavailable', 'The connection to Redis was lost', { cause })
  if (PASSING[code]) return new LogError('unavailable', PASSING[code], { cause })
  if (CLUSTER_CODES.has(code)) {
    return new Error('Redis Cluster is not supported: give the log a client of one Redis', { cause })
  }
  return new Error(`Redis refused a command of the log (${code})`, { cause })
}
