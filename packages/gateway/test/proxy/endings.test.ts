import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { createServer } from 'node:net'

import { describe, expect, it, onTestFinished } from 'vitest'

import { bodyOf, fakeApi, heldApi } from '../support/fake-api.ts'
import { startGateway } from '../support/gateway.ts'
import { rawClient } from '../support/raw-client.ts'

async function answerOf(url: string): Promise<IncomingMessage> {
  const [response] = (await once(request(url).end(), 'response')) as [IncomingMessage]
  return response
}

/** A port on which bytes are answered with bytes. */
async function rawApi(answer: string | 'nothing' | 'reset'): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => {
      if (answer === 'reset') socket.resetAndDestroy()
      else if (answer !== 'nothing') socket.end(answer)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`
}

async function closedPort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}`
}

describe('an API that gives no answer', () => {
  const refusal = async (target: string, options = {}) => {
    const { url } = await startGateway({ target, ...options })
    const response = await answerOf(`${url}/v1/chat?key=secret`)
    const body = await bodyOf(response)
    expect(body).not.toContain('secret')
    return [response.statusCode, JSON.parse(body).error.code]
  }

  it('is said to be unreachable where nobody listens', async () => {
    expect(await refusal(await closedPort())).toEqual([502, 'upstream_unreachable'])
  })

  it('is said to have failed when it breaks off, or speaks something else', async () => {
    expect(await refusal(await rawApi('reset'))).toEqual([502, 'upstream_failed'])
    expect(await refusal(await rawApi('SSH-2.0-OpenSSH\r\n'))).toEqual([502, 'upstream_failed'])
    expect(await refusal(await rawApi('HTTP/1.1 200 OK\r\nContent-Le'))).toEqual([502, 'upstream_failed'])
  })

  it('is not waited for longer than was said', async () => {
    expect(await refusal(await rawApi('nothing'), { firstByteTimeoutMs: 50 })).toEqual([
      504,
      'upstream_timeout',
    ])
  })
})

describe('an API that stops in the middle', () => {
  const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n'

  it.each([
    ['in a chunk', `${HEAD}Transfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n9\r\ndata`],
    ['between two chunks', `${HEAD}Transfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n`],
    ['before its length', `${HEAD}Content-Length: 100\r\n\r\ndata: 1\n\n`],
  ])('breaks the client’s connection too: %s', async (_, answer) => {
    const { url } = await startGateway({ target: await rawApi(answer) })
    const response = await answerOf(url)
    let text = ''
    const read = async () => {
      for await (const chunk of response) text += chunk
    }
    await expect(read()).rejects.toThrow('aborted')
    expect(text).toMatch(/^data: 1\n\n/)
  })

  it('breaks it also for a client to which the end of the connection is the end', async () => {
    const api = await heldApi()
    const { port } = await startGateway({ target: api.url })
    const client = await rawClient(port)
    client.write('GET / HTTP/1.0\r\n\r\n')
    const { response } = await api.next()
    response.write('data: 1\n\n')
    await client.until(/data: 1/)
    response.destroy()
    expect((await client.end()).error).toBe('ECONNRESET')
  })

  it('is not waited for longer than was said', async () => {
    const api = await heldApi()
    const { url } = await startGateway({ target: api.url, idleTimeoutMs: 50 })
    const asked = answerOf(url)
    const { response } = await api.next()
    response.write('data: 1\n\n')
    await expect(bodyOf(await asked)).rejects.toThrow('aborted')
  })

  it('ends well where its end is the end of the connection', async () => {
    const { url } = await startGateway({ target: await rawApi(`${HEAD}\r\ndata: 1\n\n`) })
    expect(await bodyOf(await answerOf(url))).toBe('data: 1\n\n')
  })
})

describe('a client that leaves', () => {
  it('leaves the API at once, before the answer and within it', async () => {
    const api = await heldApi()
    const { url } = await startGateway({ target: api.url })
    const waiting = request(url, { method: 'POST' }).on('error', () => undefined)
    waiting.end('question')
    const first = await api.next()
    waiting.destroy()
    await once(first.response, 'close')

    const reading = request(url)
      .on('error', () => undefined)
      .end()
    const second = await api.next()
    second.response.write('data: 1\n\n')
    const [answer] = (await once(reading, 'response')) as [IncomingMessage]
    answer.on('error', () => undefined)
    reading.destroy()
    await once(second.response, 'close')
    await expect.poll(api.connections).toBe(0)
  })

  it('leaves it in the middle of the question', async () => {
    const api = await heldApi()
    const { url } = await startGateway({ target: api.url })
    const asking = request(url, { method: 'POST' }).on('error', () => undefined)
    asking.write('half of a ques')
    const { request: received } = await api.next()
    const broke = once(received, 'error')
    asking.destroy()
    expect((await broke)[0]).toMatchObject({ code: 'ECONNRESET' })
  })

  it('leaves no connection behind, a thousand times', { timeout: 60_000 }, async () => {
    const api = await fakeApi((_, response) => response.writeHead(200).write('data: 1\n\n'))
    const { url } = await startGateway({ target: api.url })
    const abortOne = async () => {
      const asked = request(url)
        .on('error', () => undefined)
        .end()
      const [answer] = (await once(asked, 'response')) as [IncomingMessage]
      answer.on('error', () => undefined)
      asked.destroy()
    }
    for (let round = 0; round < 20; round++) await Promise.all(Array.from({ length: 50 }, abortOne))
    await expect.poll(api.connections, { timeout: 10_000 }).toBe(0)
  })

  it('is left when it takes nothing any more', async () => {
    const api = await heldApi()
    const { port } = await startGateway({ target: api.url, clientStallTimeoutMs: 100 })
    const client = await rawClient(port)
    client.socket.pause()
    client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    const { response } = await api.next()
    const closed = once(response, 'close')
    const chunk = Buffer.alloc(2 ** 16)
    const fill = () => {
      while (!response.destroyed && response.write(chunk));
    }
    response.on('drain', fill)
    fill()
    await closed
  })

  it('is left when its question does not go on', async () => {
    const { port } = await startGateway({ target: (await heldApi()).url, clientStallTimeoutMs: 50 })
    const client = await rawClient(port)
    client.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc')
    expect((await client.end()).text).toMatch(/^HTTP\/1\.1 408 /)
  })
})

describe('a client that does not read', { timeout: 30_000 }, () => {
  it('stops the API, and costs a bounded number of bytes', async () => {
    const api = await heldApi()
    const { port } = await startGateway({ target: api.url })
    const client = await rawClient(port)
    client.socket.pause()
    client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    const { response } = await api.next()
    const chunk = Buffer.alloc(2 ** 16)
    let written = 0
    for (;;) {
      while (response.write(chunk)) written += chunk.length
      const drained = once(response, 'drain').then(() => true)
      if (!(await Promise.race([drained, new Promise((resolve) => setTimeout(resolve, 250, false))]))) break
    }
    // The kernel's buffers of two connections, and those on the way.
    expect(written).toBeLessThan(2 ** 25)
    client.socket.resume()
    response.end()
    expect((await client.until(/0\r\n\r\n$/)).length).toBeGreaterThan(written)
  })
})

describe('close', () => {
  it('lets calls end, and takes no new ones', async () => {
    const api = await heldApi()
    const { url, gateway } = await startGateway({ target: api.url })
    const asked = answerOf(url)
    const { response } = await api.next()
    response.write('beginning ')
    const answer = await asked
    const closed = gateway.close()
    await expect(answerOf(url)).rejects.toThrow('ECONNREFUSED')
    response.end('end')
    expect(await bodyOf(answer)).toBe('beginning end')
    await closed
    await expect.poll(api.connections).toBe(0)
  })

  it('ends those that take too long', async () => {
    const api = await heldApi()
    const { url, gateway } = await startGateway({ target: api.url })
    const asked = answerOf(url)
    const { response } = await api.next()
    response.write('beginning ')
    const answer = await asked
    await gateway.close(20)
    await expect(bodyOf(answer)).rejects.toThrow('aborted')
    await expect.poll(api.connections).toBe(0)
  })

  it('says so to whoever waits for an answer', async () => {
    const api = await heldApi()
    const { url, gateway } = await startGateway({ target: api.url })
    const asked = answerOf(url)
    await api.next()
    const closed = gateway.close(20)
    const answer = await asked
    expect([answer.statusCode, JSON.parse(await bodyOf(answer)).error.code]).toEqual([503, 'shutting_down'])
    await closed
  })
})
