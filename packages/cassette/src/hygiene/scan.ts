import type { ScrubOptions } from '@agent-stream/protocol/scrub'

import { createExchangeScrubber } from '../scrub/exchange-scrubber.ts'
import type { CassetteRef, CassetteStore, StoreProblem } from '../store/cassette-store.ts'

/** A cassette in which secrets are left, or what could not be looked through. */
export type ScanFinding =
  /** `places`: `request.headers.x-key`, `chunks[3]`. Never the secret itself. */
  | { readonly type: 'secret'; readonly ref: CassetteRef; readonly places: readonly string[] }
  | { readonly type: 'problem'; readonly problem: StoreProblem }

export interface ScanOptions {
  /** What is a secret besides those that are known. */
  readonly scrub?: ScrubOptions
  /** Told of each cassette that was looked through. */
  readonly onScanned?: () => void
}

/** Looks for secrets in all cassettes of a store. Throws `TypeError` for options that are none. */
export async function* scanStore(
  store: CassetteStore,
  { scrub, onScanned }: ScanOptions = {},
): AsyncGenerator<ScanFinding> {
  const scrubber = createExchangeScrubber(scrub)
  for await (const entry of store.entries()) {
    if (entry.type === 'problem') {
      yield entry
      continue
    }
    const { id, occurrence } = entry.cassette
    const places = scrubber.secretsIn(entry.cassette)
    if (places.length > 0) yield { type: 'secret', ref: { id, occurrence }, places }
    onScanned?.()
  }
}
