import { autoFetch, type CassetteFetch, recordingFetch, replayFetch } from './fetches.ts'
import { type CassetteMode, modeOf } from './mode.ts'
import type { SessionUse } from './session.ts'
import type { LiveOptions } from './session-options.ts'

export interface CassetteOptions extends LiveOptions {
  /**
   * `'auto'` answers with recordings and records what there is none of; `'record'` records all anew; `'replay'` never
   * asks the network. Default `'auto'`, which `AGENT_STREAM_CASSETTES=record|replay|auto` changes, and which is
   * `'replay'` where `CI` is set.
   */
  readonly mode?: CassetteMode
  /** Whether `'auto'` may ask the network under CI, too. Default false. */
  readonly isLiveInCi?: boolean
}

/** A store in use: a `fetch`, and what came of it. */
export interface OpenCassette {
  /** For `new OpenAI({ fetch })`, `new Anthropic({ fetch })` and whatever else takes one. */
  readonly fetch: CassetteFetch
  /** The mode that counts. */
  readonly mode: CassetteMode
  /** What it did, so far. */
  readonly use: SessionUse
  /** Waits until all that has ended is stored. Rejects with `CassetteError` for what could not be. */
  settled(): Promise<void>
  /** The same, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}

/** Records calls once, and replays them for ever. Throws `TypeError` for options that are none. */
export function cassette(options: CassetteOptions): OpenCassette {
  const mode = modeOf(options.mode ?? 'auto', options.isLiveInCi ?? false, process.env)
  const fetch = fetchOf(mode, options)
  const settled = () => fetch.session.settled()
  return {
    fetch,
    mode,
    get use() {
      return fetch.session.use
    },
    settled,
    [Symbol.asyncDispose]: settled,
  }
}

function fetchOf(mode: CassetteMode, options: LiveOptions): CassetteFetch {
  switch (mode) {
    case 'auto':
      return autoFetch(options)
    case 'record':
      return recordingFetch(options)
    case 'replay': {
      const { fetch: _, ...offline } = options
      return replayFetch(offline)
    }
  }
}
