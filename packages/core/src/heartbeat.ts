const HEARTBEAT_COMMENT = /^\s*(heartbeat|keep-?alive|ping)?\s*$/i
const GAPS = 3
const MIN_HEARTBEAT_MS = 1000

/**
 * Learns a server's heartbeat interval from its comments: the longest of the last three gaps between them, in
 * milliseconds, once two have come. Comments that say something else (a router's "PROCESSING") stop when the
 * answer begins, and promise nothing.
 */
export function createHeartbeatEstimate(): (comment: string, nowMs: number) => number | undefined {
  let lastMs: number | undefined
  let gaps: number[] = []
  return (comment, nowMs) => {
    if (!HEARTBEAT_COMMENT.test(comment)) return
    if (lastMs !== undefined) gaps = [...gaps, nowMs - lastMs].slice(-GAPS)
    lastMs = nowMs
    return gaps.length > 0 ? Math.max(MIN_HEARTBEAT_MS, ...gaps) : undefined
  }
}
