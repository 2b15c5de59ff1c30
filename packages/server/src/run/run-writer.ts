import type { DoneEvent, Fold } from '@agent-stream/protocol'
import { withFinalPacket } from '../emit/final-packet.ts'
import type { LogEvent, RunEnd } from '../log/event-log.ts'
import { LogError } from '../log/log-error.ts'
import type { Lease, RunStore } from '../log/run-store.ts'
import { whenAvailable } from '../log/when-available.ts'
import { type StorableEvent, storable } from './run-event.ts'

/** Numbers a run's events and adds them to its log, in order, many to an append. */
export interface RunWriter {
  /** The number of the last event that the log has. Before the first `write`. */
  goOnFrom(last: number): void
  /**
   * Takes the next event. Resolves at once for text while little is on its way, else when the event is committed.
   * Rejects once the run is lost.
   */
  write(next: StorableEvent): Promise<void>
  /** Writes `done` with its final packet. */
  end(done: DoneEvent): Promise<void>
}

export interface RunWriterOptions {
  readonly log: RunStore
  readonly lease: Lease
  /** What is written is folded too. */
  readonly fold: Fold
  /** Called once, when the run cannot be written to any more: another process has it, or it is gone. */
  readonly onLost: (cause: unknown) => void
  /** Ends the waiting for an engine that is away. */
  readonly signal: AbortSignal
}

/** Text that is on its way to the log before the agent has to wait. */
const MAX_PENDING_CHARS = 65_536
const MAX_BATCH_CHARS = 1_048_576
/** Committed events that are kept, to append them again should the engine come back without them. */
const MAX_KEPT_CHARS = 1_048_576
/** What an event costs beside its data: of tiny ones, most of it. */
const OVERHEAD_CHARS = 100

const TEXT_TYPES: ReadonlySet<string> = new Set(['token', 'thinking', 'tool_input_delta'])

export function createRunWriter({ log, lease, fold, onLost, signal }: RunWriterOptions): RunWriter {
  const kept = createKept()
  let last = 0
  let queue: LogEvent[] = []
  let queuedChars = 0
  let end: RunEnd | undefined
  let flushing: Promise<void> | undefined
  let lost: { readonly cause: unknown } | undefined

  function take({ event, data }: StorableEvent): void {
    if (lost) throw lost.cause
    // `done` may be on its way: nothing comes behind it.
    if (end) throw new LogError('ended', `The run ${lease.runId} has ended: nothing is added to it`)
    last++
    fold.apply(event, last)
    queue.push({ seq: last, atMs: Date.now(), event: event.type, data })
    queuedChars += data.length
  }

  function flush(): Promise<void> {
    if (!flushing) {
      flushing = appendQueue()
      // Whoever waits is told; text that nobody waits for finds the run lost next time.
      flushing.catch(() => undefined)
    }
    return flushing
  }

  async function appendQueue(): Promise<void> {
    while (queue.length > 0) {
      const batch = takeBatch()
      await appendUntilStored(batch, queue.length === 0 ? end : undefined)
      for (const event of batch) kept.push(event)
    }
    flushing = undefined
  }

  function takeBatch(): LogEvent[] {
    let chars = 0
    const tooMany = queue.findIndex(({ data }) => {
      chars += data.length
      return chars > MAX_BATCH_CHARS
    })
    // At least one, however large.
    const batch = queue.splice(0, tooMany < 0 ? queue.length : Math.max(1, tooMany))
    for (const { data } of batch) queuedChars -= data.length
    return batch
  }

  async function appendUntilStored(batch: readonly LogEvent[], runEnd: RunEnd | undefined): Promise<void> {
    let events = batch
    for (;;) {
      try {
        return await whenAvailable(() => log.append(lease.runId, lease.epoch, events, runEnd), signal)
      } catch (cause) {
        const missing =
          cause instanceof LogError && cause.code === 'rewound'
            ? kept.between(cause.last ?? 0, batch[0]?.seq ?? 0)
            : undefined
        if (!missing) throw lose(cause)
        events = [...missing, ...batch]
      }
    }
  }

  function lose(cause: unknown): unknown {
    lost = { cause }
    queue = []
    onLost(cause)
    return cause
  }

  return {
    goOnFrom(seq) {
      last = seq
    },
    async write(next) {
      take(next)
      const flushed = flush()
      if (!TEXT_TYPES.has(next.event.type) || queuedChars > MAX_PENDING_CHARS) await flushed
    },
    async end(done) {
      take(storable(withFinalPacket(done, fold.snapshot())))
      end = { atMs: Date.now(), outcome: fold.snapshot().outcome ?? 'incomplete' }
      await flush()
    },
  }
}

interface Kept {
  push(event: LogEvent): void
  /** The events between these numbers, both excluded; `undefined` if some of them are not kept any more. */
  between(seq: number, before: number): readonly LogEvent[] | undefined
}

function createKept(): Kept {
  let events: LogEvent[] = []
  let chars = 0
  return {
    push(event) {
      events.push(event)
      chars += event.data.length + OVERHEAD_CHARS
      if (chars <= MAX_KEPT_CHARS) return
      events = events.slice(events.length >> 1)
      chars = events.reduce((sum, { data }) => sum + data.length + OVERHEAD_CHARS, 0)
    },
    between(seq, before) {
      const missing = events.filter((event) => event.seq > seq && event.seq < before)
      return missing.length === before - seq - 1 ? missing : undefined
    },
  }
}
