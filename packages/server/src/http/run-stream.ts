import { decodeEvent, encodeEvent, sseText } from '@agent-stream/protocol'

import type { DialectWriter } from '../emit/dialect-writer.ts'
import { HEARTBEAT } from '../emit/sse-body.ts'

import type { EventLog, LogEvent } from '../log/event-log.ts'
import { LogError } from '../log/log-error.ts'

export interface RunStreamOptions {
  readonly log: EventLog
  readonly runId: string
  /** The number of the last event that the reader has. */
  readonly after: number
  readonly heartbeatMs: number
  /** How long a reader may take no bytes while there are some for it. */
  readonly readerTimeoutMs: number
  readonly onError: (error: unknown) => void
  /** Writes another wire; it is given the run from its first event, whatever the reader has. */
  readonly writer?: DialectWriter | undefined
}

const encoder = new TextEncoder()
const HEARTBEAT_BYTES = encoder.encode(HEARTBEAT)

/**
 * A run as SSE bytes, from a cursor to the run's end. It is read as it is read: nothing is fetched from the log for a
 * reader that takes nothing, and after `readerTimeoutMs` it is dropped, to come back with its cursor.
 */
export function createRunStream(options: RunStreamOptions): ReadableStream<Uint8Array> {
  const { log, runId, heartbeatMs, readerTimeoutMs, onError, writer } = options
  const stop = new AbortController()
  let cursor = writer ? 0 : options.after
  const batches = log.follow(runId, cursor, stop.signal)[Symbol.asyncIterator]()
  let hasEnded = false
  let lastMs = performance.now()
  let timer: ReturnType<typeof setTimeout>

  function finish(): void {
    clearTimeout(timer)
    stop.abort()
    // A follow that is not in the middle of waiting hears of it in no other way.
    batches.return?.().catch(() => undefined)
  }

  /** Looks after a silence: the log's is filled with a heartbeat, the reader's is borne for a while. */
  function watch(controller: ReadableStreamDefaultController<Uint8Array>): void {
    const isWaitedFor = (controller.desiredSize ?? 0) > 0
    const limitMs = isWaitedFor ? heartbeatMs : readerTimeoutMs
    const leftMs = lastMs + limitMs - performance.now()
    if (leftMs <= 0 && !isWaitedFor) {
      finish()
      controller.error(new Error(`The reader took nothing for ${readerTimeoutMs} ms`))
      return
    }
    if (leftMs <= 0) {
      lastMs = performance.now()
      controller.enqueue(HEARTBEAT_BYTES)
    }
    timer = setTimeout(watch, leftMs > 0 ? Math.min(leftMs, heartbeatMs) : heartbeatMs, controller)
  }

  return new ReadableStream<Uint8Array>(
    {
      start: watch,
      async pull(controller) {
        try {
          // A pull that enqueues nothing would be the last one.
          for (let isSilent = true; isSilent; ) {
            const { done, value } = await batches.next()
            if (stop.signal.aborted) return
            lastMs = performance.now()
            if (done) break
            const bytes = writer ? translate(writer, value, cursor) : encodeBatch(value, cursor)
            cursor = value.at(-1)?.seq ?? cursor
            hasEnded = value.at(-1)?.event === 'done'
            isSilent = bytes.length === 0
            if (!isSilent) controller.enqueue(bytes)
            if (!isSilent) return
          }
        } catch (error) {
          if (stop.signal.aborted) return
          if (!(error instanceof LogError)) onError(error)
          // The stream ends, the reader asks for the rest, and is told then what the matter is.
        }
        finish()
        // A reader of another wire may take a quiet end for the run's.
        if (writer && !hasEnded) controller.error(new Error('The log was closed before the run ended'))
        else controller.close()
      },
      cancel: finish,
    },
    // One batch waits at most.
    { highWaterMark: 1 },
  )
}

const encoded = new WeakMap<readonly LogEvent[], Uint8Array>()

/** Readers at the same place of a run get the same batch: it is encoded for the first. */
function encodeBatch(events: readonly LogEvent[], cursor: number): Uint8Array {
  const first = events[0]?.seq ?? cursor + 1
  if (first > cursor + 1) return encoder.encode(gapText(cursor + 1, first - 1) + batchText(events))
  const known = encoded.get(events) ?? encoder.encode(batchText(events))
  encoded.set(events, known)
  return known
}

/** The same in another wire. */
function translate(writer: DialectWriter, events: readonly LogEvent[], cursor: number): Uint8Array {
  let text = ''
  let next = cursor + 1
  for (const { seq, event, data } of events) {
    if (seq > next) text += writer.write({ type: 'gap', fromSeq: next, toSeq: seq - 1 })
    const decoded = decodeEvent({ event, data, id: undefined })
    if (decoded.type !== 'warning') text += writer.write(decoded, seq)
    if (decoded.type === 'done') text += writer.end()
    next = seq + 1
  }
  return encoder.encode(text)
}

function batchText(events: readonly LogEvent[]): string {
  let text = ''
  let next = events[0]?.seq ?? 0
  for (const { seq, event, data } of events) {
    if (seq > next) text += gapText(next, seq - 1)
    text += sseText(event, data, seq)
    next = seq + 1
  }
  return text
}

function gapText(fromSeq: number, toSeq: number): string {
  return encodeEvent({ type: 'gap', fromSeq, toSeq })
}
