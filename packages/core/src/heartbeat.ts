const KEEP_ALIVE = /^(heartbeat|keep-?alive|ping)?$/i
const GAPS = 3
const MIN_GAP_MS = 1000
/** What servers and proxies usually do. A comment that only looks like a heartbeat is not taken for a faster one. */
const USUAL_HEARTBEAT_MS = 15_000

/**
 * Learns a server's heartbeat interval from its comments, in milliseconds: the longest of the last three gaps, once
 * there are two. Only `heartbeat`, this protocol's own, is believed to be as fast as it comes. Comments that say
 * something else (a router's "PROCESSING") stop when the answer begins, and promise nothing.
 */
export function createHeartbeatEstimate(): (comment: string, nowMs: number) => number | undefined {
  let times: number[] = []
  return (comment, nowMs) => {
    const word = comment.trim()
    if (!KEEP_ALIVE.test(word)) return
    times = [...times.slice(-GAPS), nowMs]
    const gaps = times.slice(1).map((time, i) => time - (times[i] as number))
    const longestMs = Math.max(...gaps)
    // A proxy hands on several at once: that is no interval.
    if (gaps.length < 2 || longestMs < MIN_GAP_MS) return
    return word === 'heartbeat' ? longestMs : Math.max(USUAL_HEARTBEAT_MS, longestMs)
  }
}
