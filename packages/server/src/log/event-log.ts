/** One stored event of a run. Immutable: every reader of a run gets the same objects. */
export interface LogEvent {
  /** Dense from 1 within the run. */
  readonly seq: number
  /** When it was appended, in milliseconds since the Unix epoch. */
  readonly atMs: number
  /** The event's name on the wire. */
  readonly event: string
  /** The payload as JSON text without line ends. */
  readonly data: string
}

export interface LogPage {
  /** In order. A jump in `seq` is damage: those events are lost. */
  readonly events: readonly LogEvent[]
  /** The number of the last event that the log has. */
  readonly last: number
  /** The event with number `last` ended the run. */
  readonly hasEnded: boolean
}

/** What a reader holds at a time, in characters of `data`. */
export const MAX_PAGE_CHARS = 262_144

/** How a run ended, as its list entry says it. */
export interface RunEnd {
  readonly atMs: number
  /** `Outcome` of the run's state. */
  readonly outcome: string
}

/**
 * The numbered events of runs, one writer and any number of readers a run. Readers see committed events only: what
 * was read once is not lost by a crash of the process. Rejections are `LogError`s.
 */
export interface EventLog {
  /**
   * Adds events in order; resolves when they are committed, all or none. `events[0].seq` follows the log's last, or
   * the call rejects with `rewound`. Events at or below the log's last are passed over: they are an append whose
   * answer was lost. `epoch` is the writer's, from `create` or `claim`; another one rejects with `fenced`.
   * `end` says that the last of them ends the run; later ones reject with `ended`. Nothing of a rejected call is
   * stored, save with `unavailable`: there it may be, and repeating the call settles it.
   */
  append(runId: string, epoch: number, events: readonly LogEvent[], end?: RunEnd): Promise<void>
  /**
   * The events after number `after`: at most `limit` (default 1,000) of them, and as many as fit into `MAX_PAGE_CHARS`
   * of data, but one at least. `rewound` if the log ends before `after`.
   */
  read(runId: string, after: number, limit?: number): Promise<LogPage>
  /**
   * The events after number `after`, stored ones first and then each as it is committed, until the run's end or the
   * signal. It reads as it is read: a slow reader costs a cursor. Sits out an engine's outage; throws `not_found` and
   * `rewound`, also in the middle. Batches are no larger than pages, and shared between the readers of a run: equal
   * cursor, same array.
   */
  follow(runId: string, after: number, signal: AbortSignal): AsyncIterable<readonly LogEvent[]>
  /** Rejects what is waiting with `closed`, ends `follow`s, commits what was accepted, frees the engine. */
  close(): Promise<void>
}
