import type { PriceTable } from '@agent-stream/cassette/prices'
import type { ScrubOptions } from '@agent-stream/protocol/scrub'

import type { HealthThresholds } from './calls/health.ts'
import type { CallReport } from './observe/call-report.ts'
import type { TargetOptions } from './proxy/target.ts'

export interface RecordingSettings {
  /** The folder of the recordings, which is the gateway's own. It is made if need be. */
  readonly folder: string
  /** The share of calls that is recorded, from 0 to 1. Default 1. */
  readonly sampleRate?: number
  /** Of a file of sessions, in bytes. Default 67,108,864 (64 MiB). */
  readonly maxFileBytes?: number
  /** Of all recordings: the oldest are removed beyond it. In bytes. Default 1,073,741,824 (1 GiB). */
  readonly maxBytes?: number
  /** The most cassettes that are kept. Default 100,000. */
  readonly maxCassettes?: number
}

export interface GatewayOptions {
  /**
   * The API's address, or those of several with their prefixes. Nothing in a request chooses another host. With `replay`
   * it is asked nothing, and may be left out.
   */
  readonly target?: string | readonly TargetOptions[]
  /** Answers come from the recordings in a folder, in their own time or `speed` times faster; 0: at once. */
  readonly replay?: { readonly folder: string; readonly speed?: number }
  /** Default: calls are measured, and not recorded. */
  readonly record?: RecordingSettings
  /** What is redacted besides the secrets that are known. */
  readonly scrub?: ScrubOptions
  /** Opens `/debug/`, for those who have it. Default: there is no `/debug/`. */
  readonly token?: string
  /** Whether `/debug/calls` shows what was asked and answered, scrubbed. Default false. */
  readonly isPromptShown?: boolean
  /** What clients have to send in `x-agent-stream-key`. Default: they need none. */
  readonly clientKey?: string
  /** When `/health/streaming` says `degraded`. */
  readonly thresholds?: HealthThresholds
  /** The time that it looks back on, in milliseconds. Default 300,000. */
  readonly windowMs?: number
  /** What tokens cost. Default: the list prices of `@agent-stream/cassette/prices`. */
  readonly prices?: PriceTable
  /** Told of each call that has ended. */
  readonly onCall?: (report: CallReport) => void
  /** The largest request body, in bytes. Default 536,870,912 (512 MiB). */
  readonly maxRequestBytes?: number
  /** The most that the headers of a request or an answer may have, in bytes. Default 65,536. */
  readonly maxHeaderBytes?: number
  /** What is recorded and measured of a call, in bytes; the rest only passes. Default 16,777,216 (16 MiB). */
  readonly maxCallBytes?: number
  /** What is held of all calls together until they are recorded, in bytes. Default 268,435,456 (256 MiB). */
  readonly maxHeldBytes?: number
  /** For a connection to the API, in milliseconds. Default 10,000. */
  readonly connectTimeoutMs?: number
  /** From the request until the answer begins, in milliseconds; 0: for ever. Default 600,000. */
  readonly firstByteTimeoutMs?: number
  /** Between two pieces of an answer, in milliseconds; 0: for ever. Default 300,000. */
  readonly idleTimeoutMs?: number
  /** How long a client may send nothing of its request, or take nothing of the answer, in ms; 0: for ever. Default 300,000. */
  readonly clientStallTimeoutMs?: number
}

/** Throws `TypeError` for numbers and texts that are none. */
export function checkOptions(options: GatewayOptions): void {
  const { record, token, clientKey, target, replay } = options
  if (target === undefined && replay === undefined)
    throw new TypeError('There is no target; expected an address like https://api.openai.com')
  if (replay && !((replay.speed ?? 1) >= 0))
    throw new TypeError(`replay.speed is ${replay.speed}; expected a number from 0 on`)
  for (const [name, value] of Object.entries({ token, clientKey })) {
    // Who waits for a guess that is short need not wait long.
    if (value !== undefined && (typeof value !== 'string' || value.length < MIN_SECRET_CHARS))
      throw new TypeError(`${name} is too short; expected at least ${MIN_SECRET_CHARS} characters`)
  }
  if (record && (typeof record.folder !== 'string' || record.folder === ''))
    throw new TypeError('record.folder is empty; expected a folder')
  const rate = record?.sampleRate ?? 1
  if (!(rate >= 0 && rate <= 1))
    throw new TypeError(`record.sampleRate is ${rate}; expected a number from 0 to 1`)
  for (const [name, value] of [...Object.entries(options), ...Object.entries(record ?? {})]) {
    if (!/(?:Bytes|Ms|maxCassettes)$/.test(name) || value === undefined) continue
    if (!(Number.isSafeInteger(value) && (value as number) >= 0))
      throw new TypeError(`${name} is ${value}; expected a whole number from 0 on`)
  }
}

const MIN_SECRET_CHARS = 8
