import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

import { onTestFinished } from 'vitest'

/** A connection on which a test writes HTTP by hand. */
export interface RawClient {
  readonly socket: Socket
  write(text: string): void
  /** What came, once it matches. */
  until(pattern: RegExp): Promise<string>
  /** What came until the connection ended, and how it did. */
  end(): Promise<{ readonly text: string; readonly error: string | undefined }>
}

export async function rawClient(port: number): Promise<RawClient> {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  let error: string | undefined
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    text += chunk
  })
  socket.on('error', (cause: NodeJS.ErrnoException) => {
    error = cause.code
  })
  const closed = new Promise((resolve) => socket.once('close', resolve))
  await once(socket, 'connect')
  onTestFinished(() => {
    socket.destroy()
  })
  return {
    socket,
    write: (given) => socket.write(given, 'latin1'),
    async until(pattern) {
      while (!pattern.test(text)) await once(socket, 'data')
      return text
    },
    async end() {
      await closed
      return { text, error }
    },
  }
}
