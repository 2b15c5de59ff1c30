import { CassetteError, type CassetteStore, fileStore, replayFetch } from '@agent-stream/cassette'
import type { Dispatcher } from 'undici'

import type { CallRequest } from './call.ts'
import { GatewayError } from './gateway-error.ts'
import { headerPairs } from './raw-headers.ts'
import type { DispatchHandler, Upstream } from './upstream.ts'

/** The target of calls to APIs that nobody has named. */
export const NOWHERE = 'http://localhost'

const ADVICE = 'Record it through a gateway with a target: agent-stream gateway --target URL --record DIR'

export interface ReplayOptions {
  /** The folder of recordings. */
  readonly folder: string
  /** So many times faster than recorded; 0: at once. */
  readonly speed: number
}

/**
 * Recordings in an API's place: the same answers, in the same pieces and times. Asks no network.
 * Calls to `NOWHERE` are taken for calls to where the recordings come from, if that is one place.
 */
export function createReplayUpstream({ folder, speed }: ReplayOptions): Upstream {
  const store = fileStore(folder)
  const fetch = replayFetch({ store, advice: ADVICE, ...(speed > 0 && { timing: true, speed }) })
  let recordedOrigin: Promise<string> | undefined
  const originOf = async ({ target: { origin } }: CallRequest) => {
    if (origin !== NOWHERE) return origin
    recordedOrigin ??= onlyOrigin(store)
    return recordedOrigin
  }
  const open = new Set<AbortController>()
  return {
    dispatch(request, handler) {
      const abort = new AbortController()
      open.add(abort)
      void answer(request, handler, { fetch, originOf, abort }).finally(() => open.delete(abort))
    },
    get connections() {
      return open.size
    },
    async destroy() {
      for (const abort of open) abort.abort()
    },
  }
}

/** Where all recordings come from; `NOWHERE` if they come from several places, whose paths have to tell them then. */
async function onlyOrigin(store: CassetteStore): Promise<string> {
  const origins = new Set<string>()
  for await (const entry of store.entries()) {
    if (entry.type === 'cassette') origins.add(new URL(entry.cassette.exchange.request.url).origin)
    if (origins.size > 1) break
  }
  const [first = NOWHERE] = origins
  return origins.size === 1 ? first : NOWHERE
}

interface Answering {
  readonly fetch: typeof globalThis.fetch
  readonly originOf: (request: CallRequest) => Promise<string>
  readonly abort: AbortController
}

async function answer(
  request: CallRequest,
  handler: DispatchHandler,
  { fetch, originOf, abort }: Answering,
): Promise<void> {
  const controller = createController(abort)
  try {
    handler.onRequestStart?.(controller, null)
    const { body, method, headers, path } = request
    const response = await fetch((await originOf(request)) + path, {
      method,
      headers: headerPairs(headers),
      ...(body && { body: await wholeBody(body) }),
      signal: abort.signal,
    })
    controller.rawHeaders = [...response.headers].flat()
    handler.onResponseStart?.(controller, response.status, {}, response.statusText)
    for await (const chunk of response.body ?? []) {
      handler.onResponseData?.(controller, Buffer.from(chunk))
      await controller.resumed()
    }
    handler.onResponseEnd?.(controller, {})
  } catch (error) {
    handler.onResponseError?.(controller, replayError(error))
  }
}

/** What is not recorded is not there; what broke off breaks off. */
function replayError(error: unknown): Error {
  if (error instanceof GatewayError) return error
  if (!(error instanceof CassetteError))
    return new GatewayError('upstream_failed', 'The recording breaks off here')
  return new GatewayError('not_recorded', error.message)
}

interface ReplayController extends Dispatcher.DispatchController {
  rawHeaders: string[]
  /** Resolves when more is wanted. */
  resumed(): Promise<void>
}

function createController(abort: AbortController): ReplayController {
  let isPaused = false
  let onResume: () => void = () => undefined
  return {
    rawHeaders: [],
    rawTrailers: [],
    get aborted() {
      return abort.signal.aborted
    },
    get paused() {
      return isPaused
    },
    get reason() {
      return abort.signal.aborted ? (abort.signal.reason as Error) : null
    },
    abort(reason) {
      abort.abort(reason)
      onResume()
    },
    pause() {
      isPaused = true
    },
    resume() {
      isPaused = false
      onResume()
    },
    async resumed() {
      if (!isPaused) return
      await new Promise<void>((resolve) => {
        onResume = resolve
      })
    },
  }
}

async function wholeBody(body: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return new Uint8Array(Buffer.concat(chunks))
}
