const KEEP_ALIVE = /^(heartbeat|keep-?alive|ping)?$/i
const GAPS = 3
/** What comes closer together was held back by a proxy, or goes with each message: no interval. */
const MIN_GAP_MS = 1000
/** Faster than this nobody sends them for long: what looks like it are bursts. */
const FASTEST_MS = 5000
/** What servers and proxies usually do: a comment that only looks like a heartbeat is not taken for a faster one. */
const USUAL_MS = 15_000

/**
 * Learns a server's heartbeat interval from its comments, in milliseconds: the longest of the last three gaps
 * between them. Only `heartbeat`, this protocol's own, is believed to be faster than usual. Comments that say
 * something else (a router's "PROCESSING") stop when the answer begins, and promise nothing.
 */
export function createHeartbeatEstimate(): (comment: string, nowMs: number) => number | undefined {
  let lastMs: number | undefined
  let gaps: number[] = []
  return (comment, nowMs) => {
    const word = comment.trim()
    if (!KEEP_ALIVE.test(word)) return
    const gapMs = lastMs === undefined ? 0 : nowMs - lastMs
    lastMs = nowMs
    if (gapMs >= MIN_GAP_MS) gaps = [...gaps.slice(1 - GAPS), gapMs]
    if (gaps.length === 0) return
    return Math.max(word === 'heartbeat' ? FASTEST_MS : USUAL_MS, ...gaps)
  }
}
