const HEARTBEAT_COMMENT = /^\s*(heartbeat|keep-?alive|ping)?\s*$/i
const GAPS = 3
const MIN_HEARTBEAT_MS = 1000

/**
 * Learns a server's heartbeat interval from its comments: the longest of the last three gaps between them.
 * Comments that say something else (a router's "PROCESSING") stop when the answer begins and promise nothing.
 */
export class HeartbeatEstimate {
  #lastMs: number | undefined
  #gaps: number[] = []

  /** Takes a comment; returns the interval in milliseconds, once two heartbeats have come. */
  comment(text: string, nowMs: number): number | undefined {
    if (!HEARTBEAT_COMMENT.test(text)) return undefined
    if (this.#lastMs !== undefined) this.#gaps = [...this.#gaps.slice(1 - GAPS), nowMs - this.#lastMs]
    this.#lastMs = nowMs
    return this.#gaps.length === 0 ? undefined : Math.max(MIN_HEARTBEAT_MS, ...this.#gaps)
  }
}
