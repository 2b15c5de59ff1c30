import { CassetteError } from './cassette-error.ts'
import type { Exchange } from './exchange.ts'
import { refName } from './hygiene/unused.ts'
import { noteUsed } from './hygiene/used-file.ts'
import type { RequestKey } from './key/key-of-request.ts'
import { Capture } from './record/capture.ts'
import {
  type CassetteWriter,
  createCassetteWriter,
  PARTIAL_PREFIX,
  type WriteRequest,
} from './record/cassette-writer.ts'
import { keepsStatus } from './record/record-policy.ts'
import { recordResponse } from './record/record-response.ts'
import { isExpired } from './replay/expiry.ts'
import { missError } from './replay/miss.ts'
import { replayResponse } from './replay/replay-response.ts'
import { type AfterLast, type Found, Shelf } from './replay/shelf.ts'
import type { Fetch, PreparedRequest } from './seam/prepare-request.ts'
import { type ResolvedOptions, resolveOptions, type SessionOptions } from './session-options.ts'
import type { Cassette, CassetteRef } from './store/cassette-store.ts'

/** What a session did, so far. */
export interface SessionUse {
  /** Each once, however often it answered. */
  readonly replayed: readonly CassetteRef[]
  readonly recorded: readonly CassetteRef[]
  /** Of `replayed`, those that are older than `expiry` allows. */
  readonly expired: readonly CassetteRef[]
}

/** One request on its way through a session. */
export interface SessionCall {
  readonly request: PreparedRequest
  readonly key: RequestKey
  /** How many requests of this key there were, with this one. */
  readonly n: number
  /** By the clock. */
  readonly startedMs: number
}

/** The requests of one use of a store: it knows which of them came before, and what is still being written. */
export class Session {
  readonly #options: ResolvedOptions
  readonly #shelf: Shelf
  readonly #writer: CassetteWriter
  readonly #startedAt: string
  readonly #writing = new Set<Promise<void>>()
  readonly #failures: Error[] = []
  readonly #replayed = new Map<string, CassetteRef>()
  readonly #recorded = new Map<string, CassetteRef>()
  readonly #expired = new Map<string, CassetteRef>()

  /** Throws `TypeError` for options that are none. */
  constructor(options: SessionOptions) {
    this.#options = resolveOptions(options)
    this.#shelf = new Shelf(options.store)
    this.#writer = createCassetteWriter(options)
    this.#startedAt = new Date(this.#options.clock.date()).toISOString()
  }

  get use(): SessionUse {
    return {
      replayed: [...this.#replayed.values()],
      recorded: [...this.#recorded.values()],
      expired: [...this.#expired.values()],
    }
  }

  async begin(request: PreparedRequest): Promise<SessionCall> {
    const startedMs = this.#options.clock.now()
    const key = await this.#writer.keyOf(request.captured)
    return { request, key, n: this.#shelf.take(key.id), startedMs }
  }

  find({ key, request, n }: SessionCall, afterLast: AfterLast): Promise<Found> {
    return this.#shelf.find(key, request.captured, n, this.#options.afterLast ?? afterLast)
  }

  isExpired({ exchange }: Cassette): boolean {
    const { expiry, clock } = this.#options
    return expiry !== undefined && isExpired(exchange, expiry, clock.date())
  }

  /** Answers with a recording. Rejects with `CassetteError` (`expired`) where the policy says so. */
  async replay(cassette: Cassette, call: SessionCall): Promise<Response> {
    this.#note(this.#replayed, cassette)
    if (this.isExpired(cassette)) this.#reportExpired(cassette)
    const { clock, timing, speed } = this.#options
    const { signal, captured } = call.request
    return replayResponse(cassette.exchange, {
      clock,
      startedMs: call.startedMs,
      signal,
      url: captured.url,
      ...(timing && { speed }),
    })
  }

  /** Answers with what there is of a recording that broke off, if it may; else rejects and says what is missing. */
  async miss(call: SessionCall, advice: string): Promise<Response> {
    const { store, partial } = this.#options
    const { request, key, n } = call
    if (partial === 'replay') {
      const id = PARTIAL_PREFIX + key.id
      const occurrences = await store.occurrences(id)
      const occurrence = occurrences[n - 1] ?? occurrences.at(-1)
      const cassette = occurrence && (await store.read({ id, occurrence }))
      if (cassette) return this.replay(cassette, call)
    }
    throw await missError(this.#writer.scrubbed(request.captured), key, n, {
      store,
      keyOptions: this.#options,
      advice,
    })
  }

  /** Asks the network, and records what comes. */
  async record(call: SessionCall, fetch: Fetch, place: WriteRequest): Promise<Response> {
    const { clock, recordErrors = 'lasting' } = this.#options
    const { request, key, n } = call
    const capture = new Capture(request.captured, this.#options)
    const keep = (exchange: Exchange) => this.#keep(exchange, { ...place, requestKey: key })
    let response: Response
    try {
      response = await request.send(fetch)
    } catch (error) {
      this.#shelf.giveBack(key.id, n)
      keep(capture.end(request.signal?.aborted ? { type: 'aborted' } : { type: 'error', error }))
      throw error
    }
    // Whoever is refused asks again: the answer has the place of this one.
    if (!keepsStatus(recordErrors, response.status)) this.#shelf.giveBack(key.id, n)
    return recordResponse(response, { capture, clock, signal: request.signal, onEnd: keep })
  }

  /** A recording of before this session, which a new one may replace. */
  isOlder({ exchange }: Cassette): boolean {
    return exchange.startedAt < this.#startedAt
  }

  /** Waits for what is being written. Rejects with the first recording that could not be, since it was called last. */
  async settled(): Promise<void> {
    while (this.#writing.size > 0) await Promise.all(this.#writing)
    const [failure] = this.#failures.splice(0)
    if (failure) throw failure
  }

  #keep(exchange: Exchange, request: WriteRequest): void {
    const writing = this.#writer.write(exchange, request).then((ref) => {
      if (ref) this.#note(this.#recorded, ref)
    })
    this.#wait(writing)
  }

  #reportExpired(cassette: Cassette): void {
    const { expiry, onProblem } = this.#options
    const { id, occurrence, exchange } = cassette
    const text = `The recording ${id} is of ${exchange.startedAt}, older than expiry.maxAgeMs (${expiry?.maxAgeMs}) allows`
    const error = new CassetteError('expired', `${text}. Record it anew: AGENT_STREAM_CASSETTES=record`)
    if (expiry?.action === 'fail') throw error
    const isNew = !this.#expired.has(refName({ id, occurrence }))
    this.#note(this.#expired, cassette)
    if (isNew) onProblem(error)
  }

  #note(refs: Map<string, CassetteRef>, { id, occurrence }: CassetteRef): void {
    const ref = { id, occurrence }
    const { usedFile } = this.#options
    if (usedFile && refs !== this.#expired && !refs.has(refName(ref))) this.#wait(noteUsed(usedFile, ref))
    refs.set(refName(ref), ref)
  }

  /** Until then the session is not settled. */
  #wait(work: Promise<void>): void {
    const waiting = work.catch((error: Error) => {
      this.#failures.push(error)
      this.#options.onProblem(error)
    })
    this.#writing.add(waiting)
    waiting.finally(() => this.#writing.delete(waiting))
  }
}
