import { randomUUID } from 'node:crypto'
import {
  type AgentEvent,
  createSseReader,
  encodePayload,
  eventLine,
  eventLineOf,
  headerLine,
  plainText,
  SESSION_END,
  type SessionEnd,
  type SseReader,
  spacedJson,
} from '@agent-stream/protocol'
import { createEventScrubber, type EventScrubber, type Scrubber } from '@agent-stream/protocol/scrub'

import type { Clock } from '../emit/clock.ts'
import { jsonOf } from './json-of.ts'
import type { RecordedSession } from './record-queue.ts'
import type { RecordWriter } from './record-writer.ts'

export interface RecordSessionOptions {
  readonly writer: RecordWriter
  /** Absent: nothing is scrubbed. */
  readonly scrubber: Scrubber | undefined
  readonly clock: Clock
  /** The system's time, in milliseconds. */
  readonly now: () => number
  readonly metadata: Readonly<Record<string, unknown>>
  /** ISO 8601. Absent: now. */
  readonly startedAt?: string
  readonly onEnd: (session: RecordSession) => void
}

interface EventHead {
  readonly t: number
  readonly event: string
  readonly sid: string
  readonly seq?: number
}

/** One stream on its way into the file. Nothing that happens here gets out: what goes wrong is counted. */
export class RecordSession implements RecordedSession {
  readonly id = randomUUID()
  fileNumber = 0
  parts = 0
  readonly #options: RecordSessionOptions
  readonly #metadata: Readonly<Record<string, unknown>>
  readonly #startedAt: string
  readonly #startedMs: number
  readonly #events: EventScrubber<EventHead>
  readonly #reader: SseReader
  #isUnreadable = false
  /** Numbers count from `run_started` on. */
  #isNumbered = false
  /** When what is taken came, where whoever hands it over knows it better; in seconds. */
  #givenT: number | undefined
  #dropped = 0
  #hasEnded = false

  constructor(options: RecordSessionOptions) {
    const { scrubber, clock, now, metadata } = options
    this.#options = options
    this.#metadata = this.#scrubbed(metadata)
    this.#startedAt = options.startedAt ?? new Date(now()).toISOString()
    this.#startedMs = clock.now()
    const write = (data: unknown, head: EventHead) => this.#write(data, head)
    this.#events = scrubber
      ? createEventScrubber(scrubber, write)
      : { push: (_event, data, head) => write(data, head), end: () => undefined }
    this.#reader = createSseReader({
      onMessage: ({ event = 'message', data, id }) =>
        this.#guarded(() => this.#event(event, payloadOf(data), numberOf(id))),
    })
  }

  header(part: number): string {
    const metadata = { ...this.#metadata, part: part > 1 ? part : undefined }
    return headerLine({ session: this.id, startedAt: this.#startedAt, metadata })
  }

  /** Takes what the stream gave: SSE text or bytes, cut anywhere, or an event. `atMs`: since the session's start. */
  take(chunk: unknown, atMs?: number): void {
    if (this.#hasEnded) return
    this.#givenT = atMs === undefined ? undefined : atMs / 1000
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) this.#read(chunk)
    else if (chunk instanceof ArrayBuffer) this.#read(new Uint8Array(chunk))
    else this.#guarded(() => this.#object(chunk))
  }

  end(status: SessionEnd, atMs?: number): void {
    if (this.#hasEnded) return
    this.#givenT = atMs === undefined ? undefined : atMs / 1000
    this.#guarded(() => this.#events.end())
    this.#hasEnded = true
    const data = { status, ...(this.#dropped > 0 && { dropped: this.#dropped }) }
    this.#options.writer.end(this, eventLine({ t: this.#t(), event: SESSION_END, data, sid: this.id }))
    this.#options.onEnd(this)
  }

  #read(chunk: string | Uint8Array): void {
    if (this.#isUnreadable) return
    try {
      this.#reader.feed(chunk)
    } catch (error) {
      // A message beyond the limit: what follows cannot be told from the rest of it.
      this.#isUnreadable = true
      this.#lost(error)
    }
  }

  #object(chunk: unknown): void {
    if (typeof chunk !== 'object' || chunk === null) return
    const { type, ...rest } = chunk as { readonly type?: unknown }
    if (typeof type !== 'string') this.#event('message', jsonOf(chunk))
    else this.#event(type, jsonOf(wirePayload(chunk as AgentEvent, rest)))
  }

  #event(event: string, data: unknown, number?: number): void {
    this.#isNumbered ||= event === 'run_started' || event === 'run.started'
    const seq = this.#isNumbered && event !== 'gap' ? number : undefined
    const head = { t: this.#t(), event, sid: this.id, ...(seq !== undefined && { seq }) }
    this.#events.push(event, data, head)
  }

  #write(data: unknown, head: EventHead): void {
    this.#guarded(() => {
      const line = eventLineOf(head, dataJson(data))
      if (!this.#options.writer.event(this, line)) this.#dropped++
    })
  }

  /** A stream is never broken by its recording. */
  #guarded(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#lost(error)
    }
  }

  #lost(error: unknown): void {
    this.#dropped++
    this.#options.writer.lost(error)
  }

  /** Without what cannot be written. */
  #scrubbed(metadata: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    try {
      const { part: _, ...own } = JSON.parse(JSON.stringify(metadata)) as Record<string, unknown>
      return (this.#options.scrubber?.json(own) ?? own) as Record<string, unknown>
    } catch (error) {
      this.#options.writer.lost(error)
      return {}
    }
  }

  #t(): number {
    return this.#givenT ?? (this.#options.clock.now() - this.#startedMs) / 1000
  }
}

/** A message's data: JSON, where it is. */
function payloadOf(data: string): unknown {
  const text = plainText(data)
  if (text !== undefined) return { text }
  try {
    return JSON.parse(data)
  } catch {
    return data
  }
}

function numberOf(id: string | undefined): number | undefined {
  if (id === undefined || !/^[1-9]\d*$/.test(id)) return undefined
  const number = Number(id)
  return Number.isSafeInteger(number) ? number : undefined
}

/** An event as the wire has it; one that the protocol does not know as it is. */
function wirePayload(event: AgentEvent, rest: unknown): unknown {
  try {
    return encodePayload(event)
  } catch (error) {
    if (error instanceof TypeError) return rest
    throw error
  }
}

/** Nearly all events of a stream are text and nothing else. */
function dataJson(data: unknown): string {
  if (typeof data === 'object' && data !== null && 'text' in data && typeof data.text === 'string') {
    let keys = 0
    for (const _ in data) keys++
    if (keys === 1) return `{"text": ${JSON.stringify(data.text)}}`
  }
  return spacedJson(data)
}
