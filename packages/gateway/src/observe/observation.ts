import type { CallOutcome } from '../proxy/call.ts'
import type { GatewayErrorCode } from '../proxy/gateway-error.ts'
import type { RawHeaders } from '../proxy/raw-headers.ts'

/** Whether a call is to be recorded; if not, why. */
export type RecordingChoice = 'on' | 'off' | 'opted_out' | 'sampled_out'

/** What is told of a call as it passes, to whoever looks at it elsewhere. Times are milliseconds since its start. */
export type Observation =
  | {
      readonly type: 'open'
      readonly call: string
      /** ISO 8601. */
      readonly startedAt: string
      /** The target's name. */
      readonly target: string
      readonly method: string
      /** Absolute, at the API. */
      readonly url: string
      /** As the API gets them. */
      readonly headers: RawHeaders
      readonly recording: RecordingChoice
      /** The client, or a proxy before it, asked in HTTP/1.0. */
      readonly isHttp10: boolean
      /** Given by `agent-stream doctor`, to ask for the call by. */
      readonly probe?: string
    }
  | { readonly type: 'request'; readonly call: string; readonly bytes: Uint8Array }
  | {
      readonly type: 'head'
      readonly call: string
      readonly atMs: number
      readonly status: number
      readonly statusText: string
      readonly headers: RawHeaders
    }
  | { readonly type: 'chunk'; readonly call: string; readonly atMs: number; readonly bytes: Uint8Array }
  | {
      readonly type: 'end'
      readonly call: string
      readonly atMs: number
      readonly outcome: CallOutcome
      readonly code?: GatewayErrorCode
      readonly message?: string
      /** How long the client took nothing. */
      readonly clientStalledMs: number
      /** Bytes that were not told of, as those who look did not keep up. */
      readonly droppedBytes: number
      /** Whether some of these were the request's. */
      readonly isRequestCut: boolean
    }

export type ObservationOf<T extends Observation['type']> = Extract<Observation, { readonly type: T }>
