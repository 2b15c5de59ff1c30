import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface ChaosProxy {
  readonly url: string
  /** Connections that were cut so far. */
  readonly cuts: number
  close(): Promise<void>
}

export interface ChaosProxyOptions {
  readonly targetPort: number
  /** After how many bytes of answers the next connection is cut; `undefined`: not at all. */
  readonly nextCut: () => number | undefined
}

/** A TCP proxy that cuts connections in the middle of whatever they carry. */
export async function openChaosProxy({ targetPort, nextCut }: ChaosProxyOptions): Promise<ChaosProxy> {
  const sockets = new Set<Socket>()
  let cuts = 0

  const server = createServer((client) => {
    const target = connect(targetPort, '127.0.0.1')
    let left = nextCut() ?? Infinity
    for (const socket of [client, target]) {
      sockets.add(socket)
      // The other end's affair.
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
    }
    client.pipe(target)
    client.on('close', () => target.destroy())
    target.on('close', () => client.end())
    target.on('data', (chunk: Buffer) => {
      if (chunk.length < left) {
        left -= chunk.length
        client.write(chunk)
        return
      }
      cuts++
      client.write(chunk.subarray(0, left), () => client.resetAndDestroy())
      target.destroy()
      left = Infinity
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get cuts() {
      return cuts
    },
    close() {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
