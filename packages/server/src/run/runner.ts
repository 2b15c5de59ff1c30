import { LogError } from '../log/log-error.ts'
import type { Lease, RunInfo, RunRecord, RunStore } from '../log/run-store.ts'
import { waitMs } from '../log/when-available.ts'
import type { Agent } from './agent.ts'
import type { RunHooks } from './run-hooks.ts'
import { createRunTask, type RunTask } from './run-task.ts'

/** All the runs that this process works on. */
export interface Runner {
  /** Stores a run and works on it; or returns the one that its owner started with the same idempotency key. */
  start(run: RunRecord): Promise<RunInfo>
  /** How many more runs it takes. */
  readonly room: number
  /** Gives the runs up after `drainMs`, and waits until they are. */
  close(drainMs: number): Promise<void>
}

export interface RunnerOptions extends RunHooks {
  readonly log: RunStore
  readonly agent: Agent
  readonly canContinue: boolean
  readonly heartbeatMs: number
  readonly leaseMs: number
  readonly maxRuns: number
  readonly onError: NonNullable<RunHooks['onError']>
}

/** How often stored intents are looked for, should the hint be lost; with many runs less often. */
const INTENT_POLL_MS = 250
const MAX_POLLS_PER_MS = 2

export function createRunner(options: RunnerOptions): Runner {
  const { log, leaseMs, maxRuns, onError } = options
  const tasks = new Map<string, RunTask>()
  /** Runs, and what may become one: starts and take-overs on their way to the log. */
  const pending = new Set<Promise<unknown>>()
  const over = new AbortController()
  /** Those that could not be taken over come last: one must not keep the others from it. */
  let stuck: readonly string[] = []
  let starting = 0
  let isClosing = false
  let isLeaving = false
  /** Until then, leases may have run out only because nobody could renew them. */
  let distrustsLeasesUntilMs = 0

  async function work(run: RunInfo, lease: Lease): Promise<void> {
    const { runId } = run
    const task = createRunTask({ ...options, run, lease })
    const stopHints = log.onIntent(runId, () => void attempt(task.checkIntents))
    tasks.set(runId, task)
    if (isLeaving) task.giveUp('left')
    const isSettled = await task.finished
    tasks.delete(runId)
    stopHints()
    await attempt(() => log.release(lease, isSettled))
  }

  function keep<T>(promise: Promise<T>): Promise<T> {
    // Whoever asked for it hears of its failure.
    const done = promise
      .catch(() => undefined)
      .then(() => {
        pending.delete(done)
      })
    pending.add(done)
    return promise
  }

  async function idle(): Promise<void> {
    while (pending.size > 0) await Promise.all(pending)
  }

  async function create(record: RunRecord): Promise<RunInfo> {
    starting++
    try {
      const { run, epoch } = await log.create(record, leaseMs)
      if (epoch !== undefined) void keep(work(run, { runId: run.runId, epoch }))
      return run
    } finally {
      starting--
    }
  }

  async function takeOver(runId: string): Promise<void> {
    const lease = await log.claim(runId, leaseMs)
    const run = lease && (await log.get(runId))
    if (run) void keep(work(run, lease))
  }

  /** Takes over what died with its process, or could not be brought to its end. */
  async function sweep(): Promise<void> {
    if (performance.now() < distrustsLeasesUntilMs) return
    const runIds = await log.claimable()
    stuck = stuck.filter((runId) => runIds.includes(runId))
    for (const runId of [...runIds.filter((id) => !stuck.includes(id)), ...stuck]) {
      if (isClosing || tasks.size >= maxRuns) return
      if (tasks.has(runId)) continue
      stuck = [...stuck.filter((id) => id !== runId), runId]
      await keep(takeOver(runId))
      stuck = stuck.filter((id) => id !== runId)
    }
  }

  async function renew(): Promise<void> {
    const leases = [...tasks.values()].map((task) => task.lease)
    if (leases.length === 0) return
    for (const { runId, epoch } of await log.renew(leases, leaseMs)) {
      const task = tasks.get(runId)
      if (task?.lease.epoch === epoch) task.giveUp('lost')
    }
  }

  async function pollIntents(): Promise<void> {
    await Promise.all([...tasks.values()].map((task) => attempt(task.checkIntents)))
  }

  /** What the engine's absence makes fail is done again with the next round. */
  async function attempt(call: () => Promise<void>): Promise<void> {
    try {
      await call()
    } catch (error) {
      const isOutage = error instanceof LogError && error.retryable
      const nowMs = performance.now()
      // An outage is told of once.
      if (!isOutage || nowMs >= distrustsLeasesUntilMs) onError(error)
      if (isOutage) distrustsLeasesUntilMs = nowMs + leaseMs
    }
  }

  async function every(ms: () => number, call: () => Promise<void>): Promise<void> {
    while (!over.signal.aborted) {
      await attempt(call)
      await waitMs(ms(), over.signal)
    }
  }

  const thirdOfLease = () => leaseMs / 3
  void every(thirdOfLease, sweep)
  void every(thirdOfLease, renew)
  void every(() => Math.max(INTENT_POLL_MS, tasks.size / MAX_POLLS_PER_MS), pollIntents)

  return {
    start: (record) => keep(create(record)),
    get room() {
      return isClosing ? 0 : maxRuns - tasks.size - starting
    },
    async close(drainMs) {
      isClosing = true
      const drained = new AbortController()
      const all = idle().finally(() => drained.abort())
      await waitMs(drainMs, drained.signal)
      isLeaving = true
      for (const task of tasks.values()) task.giveUp('left')
      await all
      over.abort()
    },
  }
}
