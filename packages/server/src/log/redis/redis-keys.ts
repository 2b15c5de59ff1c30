/** The names of a log's keys. */
export interface RedisKeys {
  /** Every run's own keys begin so; its id follows. */
  readonly runs: string
  /** Hash: what is stored of a run, its epoch, the number of its last event, how it ended. */
  run(runId: string): string
  /** Stream: a run's events; the id of number n is `0-n`. */
  log(runId: string): string
  /** Hash: a run's intents. */
  intents(runId: string): string
  /** String: the run that an owner's idempotency key stands for. */
  idempotency(owner: string, key: string): string
  /** Sorted set: all runs by their start, or those of an owner. */
  started(owner?: string): string
  /** Sorted set: runs that are not settled, by the end of their lease. */
  readonly unsettled: string
  /** Sorted set: `<run id><owner>` of runs that have ended, by when they expire. */
  readonly expiring: string
  /** Stream: the runs of the last intents. */
  readonly hints: string
  /** Stream: wakes the blocking read of one process. */
  wake(processId: string): string
}

export function redisKeys(prefix: string): RedisKeys {
  const runs = `${prefix}:run:`
  return {
    runs,
    run: (runId) => runs + runId,
    log: (runId) => `${prefix}:log:${runId}`,
    intents: (runId) => `${prefix}:intents:${runId}`,
    // JSON keeps any two pairs apart.
    idempotency: (owner, key) => `${prefix}:key:${JSON.stringify([owner, key])}`,
    started: (owner) => (owner === undefined ? `${prefix}:started` : `${prefix}:started:${owner}`),
    unsettled: `${prefix}:unsettled`,
    expiring: `${prefix}:expiring`,
    hints: `${prefix}:hints`,
    wake: (processId) => `${prefix}:wake:${processId}`,
  }
}
