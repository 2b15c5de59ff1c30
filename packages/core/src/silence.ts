import type { Args, LifecycleContext } from './lifecycle-context.ts'

/** Silence after which a stream without heartbeats is called stalled. */
export const STALLED_AFTER_MS = 60_000
const MISSED_HEARTBEATS = 3

export function silenceMs({ settings, pulse }: LifecycleContext): number {
  return settings.clock.now() - pulse.lastByteMs
}

/** Heartbeats known: three of them missed. Else the idle timeout, if one is set. */
export function dropAfterMs({ settings, pulse }: LifecycleContext): number {
  return pulse.heartbeatMs === undefined ? settings.idleTimeoutMs : MISSED_HEARTBEATS * pulse.heartbeatMs
}

export function isDead({ context }: Args): boolean {
  return silenceMs(context) >= dropAfterMs(context)
}

export function isSilent(context: LifecycleContext): boolean {
  return context.pulse.heartbeatMs === undefined && silenceMs(context) >= STALLED_AFTER_MS
}
