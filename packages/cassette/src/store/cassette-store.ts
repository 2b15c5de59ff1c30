import type { Exchange } from '../exchange.ts'
import type { CassetteKey } from '../key/cassette-key.ts'

/** Which recording: the n-th of an id, from 1. */
export interface CassetteRef {
  /**
   * What a request leads to: `openai_gpt-4o_1f2e…`. Any other text is an id, too; `<kind>__…` is for what is no direct
   * recording of a request (`partial__`, `migration__`, `judge__`, `imported__`).
   */
  readonly id: string
  readonly occurrence: number
}

/** An exchange as it is kept: scrubbed, and found by its id. */
export interface Cassette extends CassetteRef {
  /** Absent where a caller's own key was used. */
  readonly key?: CassetteKey
  readonly exchange: Exchange
  /** JSON values: a category, where it was imported from, and what else a caller wants to keep. */
  readonly metadata: Readonly<Record<string, unknown>>
}

/** What stands in a store and is no cassette: a torn file, a foreign one or another version's, what is left of a write. */
export interface StoreProblem {
  /** The file's name, or the id. */
  readonly name: string
  readonly code: 'torn' | 'foreign' | 'leftover' | 'too_large'
  readonly message: string
}

export type StoreEntry =
  | { readonly type: 'cassette'; readonly cassette: Cassette }
  | { readonly type: 'problem'; readonly problem: StoreProblem }

export interface WriteOptions {
  /**
   * Whether what stands in the cassette's place is replaced. Default: never. What is not replaced keeps its place, and
   * the cassette takes the next free one.
   */
  readonly replaces?: (stored: Cassette) => boolean
}

/** Where cassettes are kept. Several processes may use the same one. */
export interface CassetteStore {
  /** Which recordings there are of an id, ascending. */
  occurrences(id: string): Promise<readonly number[]>
  /** Rejects with `CassetteError` (`unreadable`) for what is damaged. */
  read(ref: CassetteRef): Promise<Cassette | undefined>
  /**
   * Resolves to where it stands, once it is there as a whole: nothing is ever there in part. Undefined where the store
   * has no place for it, as agentrec's layout has none for exchanges that broke off.
   */
  write(cassette: Cassette, options?: WriteOptions): Promise<CassetteRef | undefined>
  /** Whether there was one. */
  remove(ref: CassetteRef): Promise<boolean>
  /** All there is, one at a time, ordered by id and occurrence. */
  entries(): AsyncIterable<StoreEntry>
}
