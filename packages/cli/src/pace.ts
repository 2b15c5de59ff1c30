export interface PaceOptions {
  /** How many times faster than recorded; 0 is all at once. */
  readonly speed: number
  /** No pause is longer, in seconds of the replay. */
  readonly maxGapSeconds: number
}

/**
 * When events are due, in milliseconds after the replay's start, given their times in seconds, one after the other.
 * Due times are added up from the recording, not from when an event was sent: lateness does not add up.
 */
export function createPace({ speed, maxGapSeconds }: PaceOptions): (t: number) => number {
  let last = 0
  let dueMs = 0
  return (t) => {
    // A recorder whose clock was set back: the event follows at once.
    const pauseSeconds = speed === 0 ? 0 : Math.min(Math.max(0, t - last) / speed, maxGapSeconds)
    last = Math.max(last, t)
    dueMs += pauseSeconds * 1000
    return dueMs
  }
}
