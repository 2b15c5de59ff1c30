import type { EventLog, RunEnd } from './event-log.ts'

/** What is stored of a run at its start. */
export interface RunRecord {
  /** 32 lower-case hexadecimal digits. */
  readonly runId: string
  /** Whose run it is, as `authorize` said. */
  readonly owner: string
  /** ISO 8601. */
  readonly startedAt: string
  /** The agent's input as JSON text. */
  readonly input: string
  /** What the request is known by, with its owner. */
  readonly idempotencyKey?: string
  /** SHA-256 of the request's body, in hexadecimal. */
  readonly bodyHash: string
}

export interface RunInfo extends RunRecord {
  readonly last: number
  /** Absent while it goes on. */
  readonly end?: RunEnd
}

/** The right to write to a run, and the duty to bring it to its end. */
export interface Lease {
  readonly runId: string
  /** From 1; each new holder has a higher one. */
  readonly epoch: number
}

export interface RunFilter {
  readonly owner?: string
  readonly status?: 'running' | 'ended'
  /** Started at or after, before: milliseconds since the Unix epoch. */
  readonly sinceMs?: number
  readonly beforeMs?: number
  /** Default 100. */
  readonly limit?: number
}

/**
 * An event log with what belongs to its runs: who started them, who works on them, and what was asked of them.
 * A run is *settled* when it has ended and nobody has anything more to do for it. Runs expire whole, a retention
 * time after their end; one that goes on never expires.
 */
export interface RunStore extends EventLog {
  /**
   * Stores a run and leases it for `leaseMs`. If its owner has used the idempotency key before, nothing is stored:
   * the answer is that run, without an epoch.
   */
  create(run: RunRecord, leaseMs: number): Promise<{ readonly run: RunInfo; readonly epoch?: number }>
  get(runId: string): Promise<RunInfo | undefined>
  /** The newest first. */
  list(filter: RunFilter): Promise<readonly RunInfo[]>

  /** Takes a run whose lease has run out; `undefined` if it is held, settled, or gone. */
  claim(runId: string, leaseMs: number): Promise<Lease | undefined>
  /** Prolongs these to `leaseMs` from now; returns those that are lost to another holder or gone with their run. */
  renew(leases: readonly Lease[], leaseMs: number): Promise<readonly Lease[]>
  /** Gives a lease back; `isSettled` with nothing left to do. A lease that is lost is passed over. */
  release(lease: Lease, isSettled: boolean): Promise<void>
  /** Runs that are not settled and that nobody holds. */
  claimable(): Promise<readonly string[]>

  /** Stores `value` under `name` unless there is one; returns the stored one. Names and values are any text. */
  putIntent(runId: string, name: string, value: string): Promise<string>
  intents(runId: string): Promise<ReadonlyMap<string, string>>
  /** Calls the listener when an intent of one of these runs was stored, by whichever process. A hint: it may be lost. */
  onIntent(runId: string, listener: () => void): () => void
}
