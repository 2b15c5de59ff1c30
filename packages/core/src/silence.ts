import { asksForTools, type DoneEvent } from '@agent-stream/protocol'

import type { Args, LifecycleContext } from './lifecycle-context.ts'

/** Silence after which a stream without heartbeats is called stalled. */
export const STALLED_AFTER_MS = 60_000
const MISSED_HEARTBEATS = 3

export function silenceMs({ settings, pulse }: LifecycleContext): number {
  return settings.clock.now() - pulse.lastByteMs
}

const END_GRACE_MS = 5000

/**
 * How long a response may go on without a message once the end of its run is announced. Where that is for tools,
 * they may be under way, and their results and another run follow in the same response.
 */
export function endGraceMs(done: DoneEvent): number {
  return asksForTools(done) ? STALLED_AFTER_MS : END_GRACE_MS
}

/**
 * The silence that is a drop. Heartbeats known: three of them missed. Else the idle timeout, if one is set. Or what is
 * left until an announced end counts, whatever comes that is no message.
 */
export function dropAfterMs({ settings, pulse }: LifecycleContext): number {
  const { heartbeatMs, endsMs = Infinity, lastByteMs } = pulse
  const silentMs = heartbeatMs === undefined ? settings.idleTimeoutMs : MISSED_HEARTBEATS * heartbeatMs
  return Math.min(silentMs, endsMs - lastByteMs)
}

export function isDead({ context }: Args): boolean {
  return silenceMs(context) >= dropAfterMs(context)
}

export function isSilent(context: LifecycleContext): boolean {
  return context.pulse.heartbeatMs === undefined && silenceMs(context) >= STALLED_AFTER_MS
}
