import { onTestFinished } from 'vitest'

import { createGateway, type Gateway, type GatewayWorld } from '../../src/gateway.ts'
import type { GatewayOptions } from '../../src/gateway-options.ts'
import { inlineObserver } from './inline-observer.ts'

/** A gateway that listens until the test ends. Its observer is in the test's thread, unless it is told otherwise. */
export async function startGateway(
  options: GatewayOptions,
  world: GatewayWorld = {},
): Promise<{ readonly url: string; readonly port: number; readonly gateway: Gateway }> {
  // A machine that is busy with other tests is no fault of the gateway's.
  const thresholds = { maxEventLoopDelayMs: 60_000, ...options.thresholds }
  const gateway = createGateway({ ...options, thresholds }, { startObserver: inlineObserver(), ...world })
  onTestFinished(() => gateway.close(0))
  return { ...(await gateway.listen(0)), gateway }
}
