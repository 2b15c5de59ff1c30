import type { AgentStreamError } from '@agent-stream/protocol'

import { type Args, type LifecycleContext, withLatest } from './lifecycle-context.ts'

/** The run's events can be asked for again: where is known, and which run it is. */
export function mayResume({ eventsUrl, after, attemptRun }: LifecycleContext): boolean {
  return eventsUrl !== null && (after ?? attemptRun?.runId ?? null) !== null
}

/** The last event without a hole before it; gaps that have been accepted are none. A foreign run begins anew. */
export function lastSeq({ attemptRun, pulse }: LifecycleContext): number {
  return (!pulse.isForeign && attemptRun?.seq.last) || 0
}

/** A jump is asked about once. When the same one comes again, what is missing is not to be had. */
export function isWorthAsking({ context }: Args): boolean {
  const latest = withLatest(context)
  return mayResume(latest) && lastSeq(latest) !== latest.jumpAfter
}

/** Asks again, at once, for what comes after the last event before the jump. */
export function refetch({ context }: Args): Partial<LifecycleContext> {
  const latest = withLatest(context)
  const after = lastSeq(latest)
  return { ...latest, after, jumpAfter: after }
}

/** The log has lost events that were shown: the run is asked for from its beginning. That cannot be answered so too. */
export function isRewound({ context, event }: Args<{ readonly error: AgentStreamError }>): boolean {
  const details = event.error.details as { readonly code?: unknown } | null | undefined
  return !!context.after && details?.code === 'log_rewound'
}
