import { AgentStreamError, EMPTY_RUN_STATE, endRun, type RunError } from '@agent-stream/protocol'

import type { LifecycleContext } from './lifecycle-context.ts'
import { lastSeq, mayResume } from './resume.ts'
import { MAX_WAIT_MS, retryDelayMs } from './retry.ts'

/** A connection that brought bytes for so long was one: a run that thinks for long is not lost by being cut off now and then. */
const HELD_MS = 30_000

export function connectionLost(how = '', cause?: unknown): AgentStreamError {
  return new AgentStreamError('network_error', `The connection was lost${how}`, { retryable: true, cause })
}

/**
 * What was thrown while the network was used. Says nothing of a foreign cause but itself as `cause`: its message may
 * hold a URL or a header, and so a secret.
 */
export function streamError(cause: unknown): AgentStreamError {
  return cause instanceof AgentStreamError ? cause : connectionLost('', cause)
}

/**
 * What a drop leads to: a wait for the next attempt, or the run's end. Events that no attempt got before are
 * progress, and progress refills the budget: of tries where the request is repeated, of time where the run resumes.
 */
export function afterDrop(
  context: LifecycleContext,
  error: RunError,
  retryAfterMs = 0,
): Partial<LifecycleContext> {
  const { settings, run, attemptRun, furthest, retryFieldMs, pulse } = context
  const { retry, random, clock } = settings
  const { eventCount, warningCount, tools } = attemptRun ?? EMPTY_RUN_STATE
  const isResume = mayResume(context)
  const progress = eventCount - warningCount
  const isProgress = progress > furthest || (isResume && pulse.lastByteMs - pulse.sinceMs >= HELD_MS)
  const failures = isProgress ? 1 : context.failures + 1
  const lostAtMs = failures === 1 ? clock.now() : context.lostAtMs
  const hasToolStarted = context.hasToolStarted || !!pulse.hasToolStarted || tools.length > 0
  const mayRepeat =
    isResume || retry.onDrop === 'restart' || (retry.onDrop === 'restart-safe' && !hasToolStarted)
  const isSpent = isResume ? clock.now() - lostAtMs >= retry.resumeForMs : failures > retry.attempts
  const limits = isResume ? { ...retry, maxMs: MAX_WAIT_MS } : retry
  const waitMs = retryDelayMs(failures, limits, random, retryFieldMs)
  const next =
    mayRepeat && !isSpent
      ? {
          after: isResume ? lastSeq(context) : null,
          delayMs: Math.max(retryAfterMs, isResume ? Math.min(waitMs, MAX_WAIT_MS) : waitMs),
          mayWake: isResume && retryAfterMs === 0,
        }
      : // What must not be repeated and has something to show is truncated.
        { run: mayRepeat || run.eventCount === 0 ? endRun(run, 'failed', error) : endRun(run, 'closed') }
  return {
    dropError: error,
    failures,
    lostAtMs,
    furthest: Math.max(progress, furthest),
    hasToolStarted,
    ...next,
  }
}
