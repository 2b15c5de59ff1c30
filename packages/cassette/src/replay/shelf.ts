import type { CapturedRequest } from '../exchange.ts'
import { fingerprint } from '../key/fingerprint.ts'
import type { RequestKey } from '../key/key-of-request.ts'
import { requestFacts } from '../key/request-facts.ts'
import type { Cassette, CassetteRef, CassetteStore } from '../store/cassette-store.ts'

/** What answers once every recording of a request has: the last one again, none, or (in auto mode) the network. */
export type AfterLast = 'repeat' | 'miss' | 'record'

/** What there is for the n-th request of its kind. */
export type Found =
  | { readonly type: 'recording'; readonly cassette: Cassette }
  /** Where the next recording of this request has its place. */
  | { readonly type: 'none'; readonly occurrence: number }

/** The recordings of a store, as one session asks for them: identical requests get them one after the other. */
export class Shelf {
  readonly #store: CassetteStore
  /** How many requests there were, by id. */
  readonly #asked = new Map<string, number>()

  constructor(store: CassetteStore) {
    this.#store = store
  }

  /** Takes the next number of this id; at once, so that no two requests get the same. */
  take(id: string): number {
    const n = (this.#asked.get(id) ?? 0) + 1
    this.#asked.set(id, n)
    return n
  }

  /** Gives a number back of which nothing came, where no later one was taken. */
  giveBack(id: string, n: number): void {
    if (this.#asked.get(id) === n) this.#asked.set(id, n - 1)
  }

  /** What answers the `n`-th request of this key. */
  async find(key: RequestKey, request: CapturedRequest, n: number, afterLast: AfterLast): Promise<Found> {
    const occurrences = await this.#store.occurrences(key.id)
    if (occurrences.length === 0) {
      const old = key.key && (await this.#findOld(request))
      // These corpora have one answer to a request, for however often it is asked.
      if (old && (n === 1 || afterLast !== 'miss')) return { type: 'recording', cassette: old }
    }
    const last = occurrences.at(-1)
    const occurrence = occurrences[n - 1] ?? (afterLast === 'repeat' ? last : undefined)
    const cassette = occurrence ? await this.#store.read({ id: key.id, occurrence }) : undefined
    if (cassette?.exchange.end.type === 'complete') return { type: 'recording', cassette }
    return { type: 'none', occurrence: (last ?? 0) + Math.max(1, n - occurrences.length) }
  }

  /** A recording of agentrec. Its key does not tell streams from JSON, so its own request is asked. */
  async #findOld(request: CapturedRequest): Promise<Cassette | undefined> {
    const ref: CassetteRef = { id: fingerprint(request).cassetteId, occurrence: 1 }
    const [first] = await this.#store.occurrences(ref.id)
    const cassette = first ? await this.#store.read({ ...ref, occurrence: first }) : undefined
    if (cassette?.exchange.end.type !== 'complete') return undefined
    const [asked, recorded] = await Promise.all([
      requestFacts(request),
      requestFacts(cassette.exchange.request),
    ])
    return asked.isStreamed === recorded.isStreamed ? cassette : undefined
  }
}
