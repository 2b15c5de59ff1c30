import type { Scrubber, ScrubOptions } from '@agent-stream/protocol/scrub'

import { CassetteError } from '../cassette-error.ts'
import type { CapturedRequest, Exchange } from '../exchange.ts'
import { keyOfRequest, type RequestKey, type RequestKeyOptions } from '../key/key-of-request.ts'
import { createExchangeScrubber, type ExchangeScrubber } from '../scrub/exchange-scrubber.ts'
import type { Cassette, CassetteRef, CassetteStore } from '../store/cassette-store.ts'
import { keepsStatus, type RecordErrors } from './record-policy.ts'

export interface CassetteWriterOptions extends RequestKeyOptions {
  readonly store: CassetteStore
  /** What is redacted besides the secrets that are known; false: nothing is. */
  readonly scrub?: ScrubOptions | false
  /** Whether a cassette in which a secret is left is not written. Default false. */
  readonly strict?: boolean
  /**
   * Which answers with a status of 400 or more are kept: `'none'`, `'all'`, those that the same request would get again
   * (`'lasting'`: not 401, 403, 407, 408, 409, 425, 429 and 5xx), or as a function says. Default `'lasting'`.
   */
  readonly recordErrors?: RecordErrors
  /** Whether exchanges that broke off are kept, as `partial__<id>`. They are never an answer. Default true. */
  readonly keepPartial?: boolean
  /** JSON values that go into each cassette: a category, a commit. */
  readonly metadata?: Readonly<Record<string, unknown>>
}

export interface WriteRequest {
  /** What it is found by, where that is known. */
  readonly requestKey?: RequestKey
  /** Which of several answers to the same request it is, from 1. Default: the next. */
  readonly occurrence?: number
  readonly metadata?: Readonly<Record<string, unknown>>
  /** The scrubber of `createRequestScrubbers` for this request, where the caller has made it already. */
  readonly scrubber?: Scrubber
  /** As the store's `write` has it. Default: nothing is replaced. */
  readonly replaces?: (stored: Cassette) => boolean
}

/** Scrubs exchanges and stores them as cassettes. */
export interface CassetteWriter {
  /** What a request is found by, without secrets. Rejects with `TypeError` for options that are none. */
  keyOf(request: CapturedRequest): Promise<RequestKey>
  /** The request as it is stored. */
  scrubbed(request: CapturedRequest): CapturedRequest
  /**
   * Resolves to where it is; undefined if it is not to be kept. Rejects with `CassetteError`: `secret_left` or
   * `not_stored`.
   */
  write(exchange: Exchange, request?: WriteRequest): Promise<CassetteRef | undefined>
}

/** How the ids of exchanges that broke off begin. */
export const PARTIAL_PREFIX = 'partial__'
/** Ids whose last occurrence is remembered. */
const MAX_REMEMBERED = 10_000

/** Throws `TypeError` for options that are none. */
export function createCassetteWriter(options: CassetteWriterOptions): CassetteWriter {
  const { store, strict = false, recordErrors = 'lasting', keepPartial = true } = options
  keepsStatus(recordErrors, 400)
  const scrubber = options.scrub === false ? undefined : createExchangeScrubber(options.scrub)
  /** So that the next free place need not be looked for from the first one on. */
  const last = new Map<string, number>()

  async function put(
    cassette: Cassette,
    replaces: WriteRequest['replaces'],
  ): Promise<CassetteRef | undefined> {
    try {
      return await store.write(cassette, replaces && { replaces })
    } catch (cause) {
      throw new CassetteError('not_stored', `The cassette ${cassette.id} could not be stored`, { cause })
    }
  }

  async function keyOf(request: CapturedRequest): Promise<RequestKey> {
    const key = await keyOfRequest(request, options)
    // What is derived has no secret, and does not depend on what is scrubbed.
    return key.key || !scrubber ? key : { id: scrubber.id(key.id, request) }
  }

  return {
    keyOf,
    scrubbed: (request) => scrubber?.request(request) ?? request,

    async write(exchange, { requestKey, occurrence, metadata, replaces, scrubber: own } = {}) {
      const isPartial = exchange.end.type !== 'complete'
      const isKept = exchange.response ? keepsStatus(recordErrors, exchange.response.status) : isPartial
      if (!isKept || (isPartial && !keepPartial)) return undefined
      const { id, key } = requestKey ?? (await keyOf(exchange.request))
      const cassette: Cassette = {
        id: isPartial ? PARTIAL_PREFIX + id : id,
        occurrence: occurrence ?? (last.get(id) ?? 0) + 1,
        ...(key && { key }),
        exchange,
        metadata: { ...options.metadata, ...metadata },
      }
      const scrubbed = scrubber ? scrub(cassette, scrubber, { strict, own }) : cassette
      // Of what broke off only the last one says anything.
      const ref = await put(scrubbed, isPartial ? () => true : replaces)
      if (ref && !isPartial) {
        remember(last, id, ref.occurrence)
        // What broke off before has its answer now.
        await store.remove({ ...ref, id: PARTIAL_PREFIX + id })
      }
      return ref
    },
  }
}

interface ScrubHow {
  readonly strict: boolean
  readonly own: Scrubber | undefined
}

function scrub(cassette: Cassette, scrubber: ExchangeScrubber, { strict, own }: ScrubHow): Cassette {
  const scrubbed = scrubber.scrub(cassette, own)
  const [left] = strict ? scrubber.secretsIn(scrubbed, cassette.exchange.request) : []
  if (left === undefined) return scrubbed
  throw new CassetteError(
    'secret_left',
    `The cassette ${cassette.id} was not written: a secret is left in ${left}. Name it in scrub.keys, scrub.paths or scrub.patterns`,
  )
}

function remember(last: Map<string, number>, id: string, occurrence: number): void {
  last.delete(id)
  last.set(id, occurrence)
  if (last.size <= MAX_REMEMBERED) return
  for (const oldest of last.keys()) {
    last.delete(oldest)
    return
  }
}
