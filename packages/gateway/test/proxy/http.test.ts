import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'

import { describe, expect, it } from 'vitest'

import { bodyOf, fakeApi, heldApi } from '../support/fake-api.ts'
import { startGateway } from '../support/gateway.ts'
import { rawClient } from '../support/raw-client.ts'

/** What the API was sent, as its answer. */
const echoApi = () =>
  fakeApi(async (incoming, response) => {
    const { method, url, rawHeaders } = incoming
    const body = await bodyOf(incoming)
    response.end(JSON.stringify({ method, url, rawHeaders, body, trailers: incoming.trailers }))
  })

interface Echo {
  readonly method: string
  readonly url: string
  readonly rawHeaders: string[]
  readonly body: string
}

/** Sends it with `node:http`, which leaves headers as they are. */
async function send(
  url: string,
  init: Record<string, unknown> = {},
  body?: string,
): Promise<IncomingMessage> {
  const sent = request(url, init).end(body)
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  return response
}

describe('a request through the gateway', () => {
  it('keeps its method, path, query, headers and body', async () => {
    const { url } = await startGateway({ target: `${(await echoApi()).url}/base` })
    const headers = [
      'Host',
      'gateway',
      'X-Api-Key',
      'k',
      'x-MULTI',
      '1',
      'X-Multi',
      '2',
      'content-type',
      'a/b; c=d',
    ]
    const sent = { method: 'PATCH', headers: [...headers, 'Content-Length', '5'] }
    const echo: Echo = JSON.parse(await bodyOf(await send(`${url}/v1/x%2fy?a=1&a=%20`, sent, 'hello')))
    expect(echo).toMatchObject({ method: 'PATCH', url: '/base/v1/x%2fy?a=1&a=%20', body: 'hello' })
    const names = ['X-Api-Key', 'x-MULTI', 'X-Multi', 'content-type']
    const own = echo.rawHeaders.flatMap((name, i) =>
      names.includes(name) ? [[name, echo.rawHeaders[i + 1]]] : [],
    )
    expect(own).toEqual([
      ['X-Api-Key', 'k'],
      ['x-MULTI', '1'],
      ['X-Multi', '2'],
      ['content-type', 'a/b; c=d'],
    ])
    expect(echo.rawHeaders.join('|')).not.toContain('gateway')
  })

  it('loses what is for the connection, and for the gateway', async () => {
    const { url } = await startGateway({ target: (await echoApi()).url })
    const headers = { Connection: 'x-hop', 'x-hop': '1', TE: 'trailers', 'x-agent-stream-record': 'off' }
    const echo: Echo = JSON.parse(await bodyOf(await send(url, { headers })))
    const names = echo.rawHeaders.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase())
    expect(names.sort()).toEqual(['connection', 'host'])
  })

  it('may have a body with every method, in chunks too', async () => {
    const { url, port } = await startGateway({ target: (await echoApi()).url })
    const deleted: Echo = JSON.parse(
      await bodyOf(await send(url, { method: 'DELETE', headers: { 'content-length': 2 } }, 'ab')),
    )
    expect(deleted).toMatchObject({ method: 'DELETE', body: 'ab' })
    const client = await rawClient(port)
    client.write(
      'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n',
    )
    expect(await client.until(/\}\r\n0\r\n|\}$/)).toContain('"body":"abcde"')
  })

  it('is told to go on with its body, unless that is not wanted', async () => {
    const { port } = await startGateway({ target: (await echoApi()).url, maxRequestBytes: 10 })
    const client = await rawClient(port)
    client.write('POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n')
    await client.until(/^HTTP\/1\.1 100 Continue\r\n\r\n/)
    client.write('abc')
    expect(await client.until(/"trailers"/)).toContain('"body":"abc"')
    const other = await rawClient(port)
    other.write('POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n')
    const { text } = await other.end()
    expect(text).toMatch(/^HTTP\/1\.1 413 /)
    expect(text).toContain('The request has more than 10 bytes')
  })

  it('is cut off beyond its limit, also where its length was not said', async () => {
    const { url } = await startGateway({ target: (await echoApi()).url, maxRequestBytes: 10 })
    const sent = { method: 'POST', headers: { 'transfer-encoding': 'chunked' } }
    const response = await send(url, sent, 'x'.repeat(11))
    expect(response.statusCode).toBe(413)
    expect(JSON.parse(await bodyOf(response)).error).toEqual({
      type: 'gateway_error',
      code: 'request_too_large',
      message: 'The request has more than 10 bytes',
    })
  })

  it('is passed on while it is sent, and waits for an API that does not read', async () => {
    const api = await heldApi()
    const { url } = await startGateway({ target: api.url })
    const sent = request(url, { method: 'POST' })
    sent.write('first')
    const { request: received, response } = await api.next()
    expect(String((await once(received, 'data'))[0])).toBe('first')
    received.pause()
    const chunk = Buffer.alloc(2 ** 16)
    // What the kernel and the buffers on the way hold is a few megabytes.
    let written = 0
    while (written < 2 ** 26 && sent.write(chunk)) written += chunk.length
    for (let rounds = 0; rounds < 1000 && written < 2 ** 26; rounds++) {
      const drained = once(sent, 'drain').then(() => true)
      const isStuck = new Promise<false>((resolve) => setTimeout(resolve, 250, false))
      if (!(await Promise.race([drained, isStuck]))) break
      while (written < 2 ** 26 && sent.write(chunk)) written += chunk.length
    }
    expect(written).toBeLessThan(2 ** 25)
    received.resume()
    sent.end()
    await once(received, 'end')
    response.end('ok')
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    expect(await bodyOf(answer)).toBe('ok')
  })

  it('is answered before its end, where the API does not want the rest', async () => {
    const api = await fakeApi((_, response) =>
      response.writeHead(429, { 'retry-after': '7' }).end('slow down'),
    )
    const { url } = await startGateway({ target: api.url })
    const sent = request(url, { method: 'POST' })
    sent.write('beginning')
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    expect([response.statusCode, response.headers['retry-after']]).toEqual([429, '7'])
    expect(await bodyOf(response)).toBe('slow down')
    sent.destroy()
  })
})

describe('an answer through the gateway', () => {
  it('keeps its status, its words, its headers and its body', async () => {
    const body = randomBytes(100_000)
    const api = await fakeApi((_, response) => {
      const headers = [
        'Set-Cookie',
        'a=1',
        'X-Request-ID',
        'r',
        'set-cookie',
        'b=2',
        'Content-Encoding',
        'gzip',
      ]
      response.writeHead(418, 'Short And Stout', [...headers, 'Connection', 'x-hop', 'X-Hop', '1'])
      response.end(body)
    })
    const { url } = await startGateway({ target: api.url })
    const response = await send(url)
    expect([response.statusCode, response.statusMessage]).toEqual([418, 'Short And Stout'])
    expect(response.rawHeaders.slice(0, 8)).toEqual([
      ...['Set-Cookie', 'a=1', 'X-Request-ID', 'r', 'set-cookie', 'b=2', 'Content-Encoding', 'gzip'],
    ])
    expect(response.headers['x-hop']).toBeUndefined()
    const received: Buffer[] = []
    for await (const chunk of response) received.push(chunk)
    const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
    expect(hash(Buffer.concat(received))).toBe(hash(body))
  })

  it.each([
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ])('has no body after %s and %i, and the connection goes on', async (method, status) => {
    const api = await fakeApi((_, response) => response.writeHead(status, { etag: '"x"' }).end())
    const { port } = await startGateway({ target: api.url })
    const client = await rawClient(port)
    const call = `${method} / HTTP/1.1\r\nHost: x\r\n\r\n`
    client.write(call)
    await client.until(/\r\n\r\n$/)
    client.write(call)
    const text = await client.until(/\r\n\r\n.+\r\n\r\n$/s)
    expect(text.match(/^HTTP\/1\.1 (\d+)/gm)).toEqual([`HTTP/1.1 ${status}`, `HTTP/1.1 ${status}`])
    expect(text).toContain('etag: "x"')
  })

  it('keeps the length that a HEAD is told', async () => {
    const api = await fakeApi((_, response) => response.writeHead(200, { 'content-length': 1234 }).end())
    const { url } = await startGateway({ target: api.url })
    expect((await send(url, { method: 'HEAD' })).headers['content-length']).toBe('1234')
  })

  it('keeps its trailers', async () => {
    const api = await fakeApi((_, response) => {
      response.writeHead(200, { trailer: 'x-sum' }).write('body')
      response.addTrailers({ 'x-sum': '42' })
      response.end()
    })
    const { url } = await startGateway({ target: api.url })
    const response = await send(url)
    expect(await bodyOf(response)).toBe('body')
    expect(response.trailers).toEqual({ 'x-sum': '42' })
  })

  it('comes without trailers where its client’s HTTP has none', async () => {
    const api = await fakeApi((_, response) => {
      response.writeHead(200, { trailer: 'x-sum' }).write('body')
      response.addTrailers({ 'x-sum': '42' })
      response.end()
    })
    const { port } = await startGateway({ target: api.url })
    const client = await rawClient(port)
    client.write('GET / HTTP/1.0\r\n\r\n')
    const { text, error } = await client.end()
    expect(text).toMatch(/\r\n\r\nbody$/)
    expect(error).toBeUndefined()
  })

  it('begins when the API’s does, and each piece comes when it is sent', async () => {
    const api = await heldApi()
    const { url } = await startGateway({ target: api.url })
    const asked = send(url)
    const { response } = await api.next()
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    const answer = await asked
    for (const piece of ['data: 1\n\n', 'data: ', '2\n\n']) {
      response.write(piece)
      expect(String((await once(answer, 'data'))[0])).toBe(piece)
    }
    response.end()
    await once(answer.resume(), 'end')
  })

  it('waits for the one before it, where questions are not asked one by one', async () => {
    const api = await heldApi()
    const { port } = await startGateway({ target: api.url })
    const client = await rawClient(port)
    client.write('GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n')
    const calls = [await api.next(), await api.next()]
    const [first, second] = ['/1', '/2'].map((path) => calls.find(({ request }) => request.url === path))
    second?.response.write('second')
    first?.response.write('fir')
    await client.until(/fir\r\n$/)
    second?.response.write(' answer')
    first?.response.end('st')
    await client.until(/ answer\r\n$/)
    second?.response.end('!')
    const text = await client.until(/1\r\n!\r\n0\r\n\r\n$/)
    expect(text.match(/^HTTP.*|\r\n\r\n(?:[0-9a-f]+\r\n.*\r\n)+/gm)?.map((part) => part.trim())).toEqual([
      'HTTP/1.1 200 OK',
      '3\r\nfir\r\n2\r\nst\r\n0',
      'HTTP/1.1 200 OK',
      '6\r\nsecond\r\n7\r\n answer\r\n1\r\n!\r\n0',
    ])
  })

  it('passes over what comes before it', async () => {
    const api = await fakeApi((_, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' })
      response.end('answer')
    })
    const { url } = await startGateway({ target: api.url })
    expect(await bodyOf(await send(url))).toBe('answer')
  })
})

describe('the gateway’s own limits', () => {
  it('are said where a path leads nowhere', async () => {
    const { url } = await startGateway({ target: [{ url: (await echoApi()).url, prefix: '/a' }] })
    const response = await send(`${url}/b`)
    expect(response.statusCode).toBe(400)
    expect(await bodyOf(response)).toContain('"code":"invalid_target"')
  })

  it('hold headers that are too large', async () => {
    const { url } = await startGateway({ target: (await echoApi()).url, maxHeaderBytes: 4096 })
    expect((await send(url, { headers: { 'x-large': 'x'.repeat(5000) } })).statusCode).toBe(431)
  })

  it('ask for a key, which the API does not see', async () => {
    const { url } = await startGateway({ target: (await echoApi()).url, clientKey: 'open sesame' })
    const wrong = await send(url, { headers: { 'x-agent-stream-key': 'open sesam' } })
    expect([wrong.statusCode, (await send(url)).statusCode]).toEqual([401, 401])
    expect(await bodyOf(wrong)).not.toContain('open')
    const right = await send(url, { headers: { 'x-agent-stream-key': 'open sesame' } })
    expect(right.statusCode).toBe(200)
    expect(await bodyOf(right)).not.toContain('sesame')
  })
})
