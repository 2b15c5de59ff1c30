import type { Clock } from '@agent-stream/server'

import type { CallEnd, CallTap, ResponseHead } from '../proxy/call.ts'
import type { ObservationFeed } from './observation-feed.ts'

/** Tells an observer of one call. */
export function createCallTap(call: string, feed: ObservationFeed, clock: Clock): CallTap {
  const startedMs = clock.now()
  /** To the microsecond: what follows is noise. */
  const elapsedMs = () => Math.round((clock.now() - startedMs) * 1000) / 1000
  let droppedBytes = 0
  let isRequestCut = false
  let clientStalledMs = 0
  let stalledAtMs: number | undefined

  const endStall = () => {
    if (stalledAtMs !== undefined) clientStalledMs += elapsedMs() - stalledAtMs
    stalledAtMs = undefined
  }

  return {
    requestChunk(bytes) {
      if (feed.bytes({ type: 'request', call, bytes })) return
      droppedBytes += bytes.length
      isRequestCut = true
    },
    responseHead({ status, statusText, headers }: ResponseHead) {
      feed.say({ type: 'head', call, atMs: elapsedMs(), status, statusText, headers })
    },
    responseChunk(bytes) {
      if (!feed.bytes({ type: 'chunk', call, atMs: elapsedMs(), bytes })) droppedBytes += bytes.length
    },
    clientStalled(isStalled) {
      if (isStalled) stalledAtMs = elapsedMs()
      else endStall()
    },
    end(end: CallEnd) {
      endStall()
      feed.say({ type: 'end', call, atMs: elapsedMs(), ...end, clientStalledMs, droppedBytes, isRequestCut })
    },
  }
}
