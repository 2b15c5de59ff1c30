import type { BufferingVerdict } from '@agent-stream/protocol/buffering'

/** What a gateway on the way has seen of a call. */
export interface GatewayHops {
  /** What is behind it. */
  readonly target: string
  /** Whether the answer was held back before it came to the gateway. */
  readonly upstream: BufferingVerdict
}

const WAIT_MS = 3000

/**
 * Tells a gateway on the way what was seen here, and asks what it has seen itself. Undefined where there is none, or it
 * is not behind this address.
 */
export async function askGateway(
  url: string,
  probe: string,
  { buffering, because }: BufferingVerdict,
): Promise<GatewayHops | undefined> {
  try {
    const response = await fetch(new URL(`/health/probe/${probe}`, url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ buffering, because }),
      signal: AbortSignal.timeout(WAIT_MS),
    })
    const answer = (await response.json()) as { gateway?: unknown } & Partial<GatewayHops>
    if (answer.gateway !== 'agent-stream' || !answer.upstream) return undefined
    return { target: String(answer.target), upstream: answer.upstream }
  } catch {
    // No gateway, or none that answers: nothing more is known than before.
    return undefined
  }
}

/** Which way of the stream holds it back, in a sentence; undefined where none does or that cannot be told. */
export function guiltyHop(
  { buffering }: BufferingVerdict,
  { target, upstream }: GatewayHops,
): string | undefined {
  const isHeld = (verdict: BufferingVerdict['buffering']) => verdict === 'buffered' || verdict === 'blocks'
  if (isHeld(upstream.buffering)) return `between the gateway and ${target}: ${upstream.because} there`
  if (isHeld(buffering) && upstream.buffering === 'streams')
    return `between here and the gateway, where the same stream came in time: ${upstream.because}`
  return undefined
}
