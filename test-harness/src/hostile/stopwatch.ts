import { readFileSync } from 'node:fs'

/**
 * Milliseconds since now, without those in which this thread waited for a processor: that a machine is busy says
 * nothing of a client. Only Linux tells them; elsewhere they count.
 */
export function startStopwatch(): () => number {
  const startMs = performance.now()
  const waitedMs = queuedMs()
  return () => performance.now() - startMs - (queuedMs() - waitedMs)
}

/** How long this process has been ready to run, and did not (proc(5), `/proc/pid/schedstat`). */
function queuedMs(): number {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[1]) / 1e6
  } catch {
    return 0
  }
}
