import { liveFetch } from './seam/live-fetch.ts'
import { type Fetch, type FetchInput, prepareRequest } from './seam/prepare-request.ts'
import { Session } from './session.ts'
import type { LiveOptions, SessionOptions } from './session-options.ts'

const ADVICE =
  'Record it in mode "record" or "auto" (which is "replay" under CI), or with AGENT_STREAM_CASSETTES=record'

/** A `fetch` that records or replays. */
export interface CassetteFetch extends Fetch {
  readonly session: Session
}

/** Asks the network each time. The n-th recording of a request takes the place of the n-th one of before. */
export function recordingFetch(options: LiveOptions): CassetteFetch {
  const session = new Session(options)
  return withSession(session, async (input, init) => {
    const call = await session.begin(await prepareRequest(input, init))
    const replaces = session.isOlder.bind(session)
    return session.record(call, liveFetch(options.fetch), { occurrence: call.n, replaces })
  })
}

export interface ReplayFetchOptions extends SessionOptions {
  /** What a miss says that is to be done about it. Default: which modes record. */
  readonly advice?: string
}

/** Answers with recordings alone: there is no network that it could ask. Rejects with `CassetteError` for a miss. */
export function replayFetch({ advice = ADVICE, ...options }: ReplayFetchOptions): CassetteFetch {
  const session = new Session(options)
  return withSession(session, async (input, init) => {
    const call = await session.begin(await prepareRequest(input, init))
    const found = await session.find(call, 'repeat')
    if (found.type === 'recording') return session.replay(found.cassette, call)
    return session.miss(call, advice)
  })
}

/** Answers with recordings, and asks the network for what there is none of. */
export function autoFetch(options: LiveOptions): CassetteFetch {
  const session = new Session(options)
  return withSession(session, async (input, init) => {
    const call = await session.begin(await prepareRequest(input, init))
    const found = await session.find(call, 'record')
    if (found.type === 'none') {
      if (options.afterLast === 'miss' && found.occurrence > 1)
        return session.miss(call, 'afterLast is "miss"')
      return session.record(call, liveFetch(options.fetch), { occurrence: found.occurrence })
    }
    const { cassette } = found
    if (options.expiry?.action !== 're-record' || !session.isExpired(cassette))
      return session.replay(cassette, call)
    const place = { occurrence: cassette.occurrence, replaces: session.isExpired.bind(session) }
    return session.record(call, liveFetch(options.fetch), place)
  })
}

function withSession(session: Session, fetch: Fetch): CassetteFetch {
  const passing: Fetch = (input, init) =>
    isOwnData(input) ? liveFetch(undefined)(input, init) : fetch(input, init)
  return Object.assign(passing, { session })
}

/** An address that is its own answer, and asks nobody: SDKs try out with one what a `fetch` can do. */
function isOwnData(input: FetchInput): boolean {
  return /^\s*(?:data|blob):/i.test(typeof input === 'object' && 'url' in input ? input.url : String(input))
}
