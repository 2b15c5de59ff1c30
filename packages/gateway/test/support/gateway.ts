import { onTestFinished } from 'vitest'

import { createGateway, type Gateway, type GatewayOptions, type GatewayWorld } from '../../src/gateway.ts'

/** A gateway that listens until the test ends. */
export async function startGateway(
  options: GatewayOptions,
  world?: GatewayWorld,
): Promise<{ readonly url: string; readonly port: number; readonly gateway: Gateway }> {
  const gateway = createGateway(options, world)
  onTestFinished(() => gateway.close(0))
  return { ...(await gateway.listen(0)), gateway }
}
