import type { Dialect } from '@agent-stream/protocol'

import { type Clock, systemClock } from './clock.ts'
import { MAX_RESPONSE_BYTES } from './record/capture.ts'
import type { CassetteWriterOptions } from './record/cassette-writer.ts'
import { checkExpiry, type Expiry } from './replay/expiry.ts'
import type { AfterLast } from './replay/shelf.ts'
import type { Fetch } from './seam/prepare-request.ts'

/** What recording and replaying have in common. */
export interface SessionOptions extends CassetteWriterOptions {
  /**
   * What answers a request once all its recordings have: `'repeat'` the last one again, `'miss'` none, `'record'` the
   * network, in auto mode. Default: `'record'` in auto mode, else `'repeat'`.
   */
  readonly afterLast?: AfterLast
  /** When recordings are too old. Default: never. */
  readonly expiry?: Expiry
  /** Whether a replay takes the time that it took. Default false: all is there at once. */
  readonly timing?: boolean
  /** With `timing`: 2 is twice as fast. Default 1. */
  readonly speed?: number
  /**
   * What answers where there is only a recording that broke off: `'refuse'` nothing, `'replay'` what there is of it,
   * which breaks off again. Default `'refuse'`.
   */
  readonly partial?: 'refuse' | 'replay'
  /** Of a larger response the recording is `truncated`, in bytes. Default 67,108,864 (64 MiB). */
  readonly maxResponseBytes?: number
  /** The wires whose streams say when they are over. Default: OpenAI's two and Anthropic's. */
  readonly dialects?: readonly Dialect[]
  /** Told what is not the caller's business: a recording that could not be stored or has expired. Default: a process warning. */
  readonly onProblem?: (problem: Error) => void
  /**
   * A file to which the names of the cassettes that were used are added, for `agent-stream cassettes unused`. Default:
   * what `AGENT_STREAM_CASSETTES_USED` says, else none.
   */
  readonly usedFile?: string
  readonly clock?: Clock
}

export interface LiveOptions extends SessionOptions {
  /** Asks the network. Default: the global `fetch`. */
  readonly fetch?: Fetch
}

export interface ResolvedOptions extends SessionOptions {
  readonly onProblem: (problem: Error) => void
  readonly clock: Clock
  readonly speed: number
}

/** With the defaults. Throws `TypeError` for options that are none. */
export function resolveOptions(options: SessionOptions): ResolvedOptions {
  const { store, expiry, speed = 1, maxResponseBytes = MAX_RESPONSE_BYTES } = options
  if (typeof store?.read !== 'function') {
    throw new TypeError('A cassette has no store; expected memoryStore(), fileStore(folder) or your own')
  }
  if (!(speed > 0)) throw new TypeError(`speed is ${speed}; expected a number above 0`)
  if (!(maxResponseBytes >= 0)) {
    throw new TypeError(`maxResponseBytes is ${maxResponseBytes}; expected a number of bytes`)
  }
  if (expiry) checkExpiry(expiry)
  return {
    ...options,
    speed,
    ...withUsedFile(options.usedFile ?? process.env.AGENT_STREAM_CASSETTES_USED),
    onProblem: options.onProblem ?? ((problem) => process.emitWarning(problem)),
    clock: options.clock ?? systemClock,
  }
}

function withUsedFile(usedFile: string | undefined): Pick<SessionOptions, 'usedFile'> {
  return usedFile ? { usedFile } : {}
}
