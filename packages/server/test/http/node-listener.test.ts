import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished, vi } from 'vitest'

import { allowAll, createRunServer, memoryLog, type RunServer, toNodeListener } from '../../src/index.ts'
import { deferred } from './run-server-harness.ts'

const run = 'a'.repeat(32)

/** Connections to a server that say exactly this; `onClosed`: when the server has noticed that one is over. */
async function open(server: Pick<RunServer, 'fetch'>, onClosed = () => {}) {
  const http = createServer(toNodeListener(server))
  http.on('connection', (socket) => socket.on('close', onClosed))
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    http.closeAllConnections()
    http.close()
  })
  return (request: string) => {
    const socket = connect((http.address() as AddressInfo).port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write(request)
    return socket
  }
}

describe('toNodeListener', () => {
  it('takes the path from the request line, whatever the host says', async () => {
    const urls: string[] = []
    const say = await open({
      async fetch({ url }) {
        urls.push(url)
        return new Response()
      },
    })
    for (const host of [`x/runs/${run}?`, 'x#', 'user@x', 'x:8080', '', '[::1]']) {
      await text(say(`GET /public?a=1 HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`))
    }
    expect(urls).toEqual([
      'http://x/public?a=1',
      'http://x/public?a=1',
      'http://localhost/public?a=1',
      'http://x:8080/public?a=1',
      'http://localhost/public?a=1',
      'http://[::1]/public?a=1',
    ])
  })

  it('keeps no reader that left before there was an answer', async () => {
    const asked = deferred()
    const closed = deferred()
    const isLeft = vi.fn()
    const say = await open(
      {
        async fetch() {
          asked.resolve()
          await closed.promise
          return new Response(new ReadableStream({ cancel: isLeft }))
        },
      },
      closed.resolve,
    )
    const socket = say(`GET /runs/${run}/events HTTP/1.1\r\nHost: x\r\n\r\n`)
    await asked.promise
    socket.destroy()
    await vi.waitFor(() => expect(isLeft).toHaveBeenCalled())
  })

  it('says that a connection is over when it has left a body unread', async () => {
    const server = createRunServer({
      log: memoryLog(),
      // biome-ignore lint/correctness/useYield: it is not started
      agent: async function* () {
        throw new Error('started')
      },
      authorize: (request, what) => request.headers.has('authorization') && allowAll(request, what),
    })
    onTestFinished(() => server.close())
    const say = await open(server)
    const body = 'x'.repeat(1_000_000)
    const head = `POST /runs HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`
    const answer = await text(say(`${head}${body}GET /runs HTTP/1.1\r\nHost: x\r\n\r\n`))
    expect(answer).toMatch(/^HTTP\/1\.1 401 /)
    expect(answer).toMatch(/connection: close/i)
  })
})
