import type { ServerResponse } from 'node:http'

import { describe, expect, it } from 'vitest'

import { runCommand } from './command.ts'
import { closedAddress, localServer, token } from './local-server.ts'

const SSE = { 'content-type': 'text/event-stream' }

/** Writes ten tokens, one every `stepMs`, then ends. */
function stream(response: ServerResponse, stepMs: number): void {
  let count = 0
  const timer = setInterval(() => {
    response.write(token('x'))
    if (++count < 10) return
    clearInterval(timer)
    response.end('event: done\ndata: {}\n\n')
  }, stepMs)
}

describe('agent-stream doctor', { timeout: 30_000 }, () => {
  it('says that a stream streams', async () => {
    const url = await localServer((_, response) => stream(response.writeHead(200, SSE), 40))
    const { stdout, stderr, exitCode } = await runCommand('doctor', url)
    expect(stdout).toMatch(/^It streams: 11 messages came over \d+ ms\.\n/)
    expect(stdout).toContain('  content-type: text/event-stream\n')
    expect(stdout).not.toContain('what to change')
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
  })

  it('says that a stream is held back, and what to change', async () => {
    const url = await localServer((_, response) => {
      response.writeHead(200, { ...SSE, server: 'nginx' })
      setTimeout(
        () => response.end(`${token('x').repeat(10)}event: done\ndata: {"duration_ms": 390}\n\n`),
        400,
      )
    })
    const { stdout, exitCode } = await runCommand('doctor', url)
    expect(stdout).toMatch(/^It is buffered: .*: all 11 messages came at once, after \d+ ms; the server says/)
    expect(stdout).toContain(
      'no X-Accel-Buffering: no: have the server send it, or set proxy_buffering off in nginx\n',
    )
    expect(exitCode).toBe(1)
  })

  it('says it as JSON', async () => {
    const url = await localServer((_, response) => stream(response.writeHead(200, SSE), 40))
    const { buffering, messages, histogram, ttft_ms } = JSON.parse(
      (await runCommand('doctor', url, '--json')).stdout,
    )
    expect({ buffering, messages }).toEqual({ buffering: 'streams', messages: 11 })
    expect(histogram).toHaveLength(16)
    expect(ttft_ms).toBeGreaterThanOrEqual(40)
  })

  it('sends what it is told to', async () => {
    const url = await localServer((request, response) => {
      const { method, headers } = request
      const isAsked = method === 'POST' && headers.authorization === 'Bearer k' && headers['x-a'] === '1'
      if (isAsked && headers['content-type'] === 'application/json') stream(response.writeHead(200, SSE), 40)
      else response.writeHead(400).end()
    })
    const headers = ['--header', 'authorization: Bearer k', '--header', 'x-a: 1']
    expect((await runCommand('doctor', url, '--data', '{"message": "hi"}', ...headers)).exitCode).toBe(0)
  })

  it('judges by what came until the time was up', async () => {
    const url = await localServer((_, response) => stream(response.writeHead(200, SSE), 100))
    const { stdout } = await runCommand('doctor', url, '--timeout', '0.75')
    expect(stdout).toMatch(/^It streams: [5-7] messages/)
  })

  it.each([
    ['an error', 503, { 'content-type': 'text/plain' }, 'answered with 503 Service Unavailable'],
    ['JSON', 200, { 'content-type': 'application/json' }, 'application/json instead of text/event-stream'],
    ['a method that is not allowed', 405, {}, '405 Method Not Allowed (a POST? give --data)'],
  ])('says what was answered instead: %s', async (_, status, headers, said) => {
    const url = await localServer((_, response) => response.writeHead(status, headers).end('{}'))
    const { stderr, exitCode } = await runCommand('doctor', `${url}?key=secret`)
    expect(stderr).toContain(said)
    expect(stderr).not.toContain('secret')
    expect(exitCode).toBe(1)
  })

  it('says when nobody answers, and when the address is none', async () => {
    const url = await closedAddress()
    const refused = await runCommand('doctor', url)
    expect(refused.stderr).toBe(`agent-stream: ${url}: no answer (ECONNREFUSED)\n`)
    const unknown = await runCommand('doctor', 'localhost:3000')
    expect(unknown.stderr).toContain(
      'Expected an address like https://example.org/chat; got "localhost:3000"',
    )
    expect([refused.exitCode, unknown.exitCode]).toEqual([1, 2])
  })
})
