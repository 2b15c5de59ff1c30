import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { CommandFailure } from './failure.ts'
import { reasonOf } from './system-error.ts'

/** Listens on this machine only. Resolves to the port, which for 0 is one that was free. */
export async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (error) {
    throw new CommandFailure(`port ${port}: ${reasonOf(error)}`)
  }
  return (server.address() as AddressInfo).port
}
