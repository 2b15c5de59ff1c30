import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

import { bodyBytes, type Cassette, fileStore } from '@agent-stream/cassette'
import { parseRecording } from '@agent-stream/protocol'
import { describe, expect, it } from 'vitest'
import { reportedCalls } from '../support/calls.ts'
import { bodyOf, fakeApi, heldApi } from '../support/fake-api.ts'
import { startGateway } from '../support/gateway.ts'
import { messagesOf, streamNamed } from '../support/streams.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const SSE = { 'content-type': 'text/event-stream; charset=utf-8' }
const QUESTION = JSON.stringify({
  model: 'gpt-4o-mini',
  stream: true,
  messages: [{ role: 'user', content: 'Hi' }],
})

const post = (url: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: QUESTION,
  })

async function cassettesIn(folder: string): Promise<readonly Cassette[]> {
  const cassettes: Cassette[] = []
  for await (const entry of fileStore(folder).entries()) {
    if (entry.type === 'problem') throw new Error(entry.problem.message)
    cassettes.push(entry.cassette)
  }
  return cassettes
}

function sessionsIn(folder: string) {
  const files = readdirSync(folder).filter((name) => name.endsWith('.jsonl'))
  return files.flatMap((name) => parseRecording(readFileSync(join(folder, name), 'utf8')).sessions)
}

/** A gateway that records, before an API that answers so. */
async function recorded(answer: Parameters<typeof fakeApi>[0], options = {}) {
  const folder = temporaryFolder()
  const calls = reportedCalls()
  const api = await fakeApi(async (request, response) => {
    await bodyOf(request)
    answer(request, response)
  })
  const started = await startGateway({
    target: api.url,
    record: { folder },
    onCall: calls.onCall,
    ...options,
  })
  return { ...started, folder, calls }
}

describe('a recorded call', { timeout: 30_000 }, () => {
  it('is a cassette with the chunks as they came, and a session with what they mean', async () => {
    const stream = streamNamed('openai-chat', 'pair-parallel-tools-turn2')
    const { url, gateway, folder, calls } = await recorded((_, response) => {
      response.writeHead(200, { ...SSE, 'x-request-id': 'req_1' })
      for (const message of messagesOf(stream)) response.write(message)
      response.end()
    })
    expect(await (await post(url)).text()).toBe(stream.toString())
    const [report] = await calls.until(1)
    await gateway.close()

    const [cassette] = await cassettesIn(folder)
    expect(cassette?.id).toMatch(/^openai_gpt-4o-mini_[0-9a-f]{16}$/)
    expect(cassette?.exchange).toMatchObject({ end: { type: 'complete' }, response: { status: 200 } })
    expect(Buffer.from(cassette ? bodyBytes(cassette.exchange) : []).equals(stream)).toBe(true)
    expect(cassette?.metadata).toMatchObject({ call: report?.call })

    const [session] = sessionsIn(folder)
    expect(session?.metadata).toMatchObject({
      call: report?.call,
      path: '/v1/chat/completions',
      model: 'gpt-4o-mini',
      provider: 'openai',
      status: 200,
      request_id: 'req_1',
    })
    expect(session?.end).toBe('complete')
    expect(report).toMatchObject({ outcome: 'complete', isStream: true, recording: 'on', status: 200 })
    expect(report?.usage).toEqual({ input: 172, cacheRead: 0, output: 26, reasoning: 0 })
  })

  it('keeps the times at which its pieces came', async () => {
    const folder = temporaryFolder()
    const api = await heldApi()
    const calls = reportedCalls()
    let nowMs = 1000
    const clock = {
      now: () => nowMs,
      setTimeout,
      clearTimeout: (timer: unknown) => clearTimeout(timer as number),
    }
    const options = { target: api.url, record: { folder }, onCall: calls.onCall }
    const { url, gateway } = await startGateway(options, { clock, now: () => Date.UTC(2026, 0, 2) })
    const asked = post(url)
    const { response } = await api.next()
    const [head = '', first = '', second = '', ...rest] = messagesOf(
      streamNamed('openai-chat', 'pair-parallel-tools-turn2'),
    )
    nowMs += 250
    response.writeHead(200, SSE).write(head)
    const reader = (await asked).body?.getReader()
    await reader?.read()
    for (const [message, ms] of [
      [first, 50],
      [second, 30],
      [rest.join(''), 100],
    ] as const) {
      nowMs += ms
      response.write(message)
      await reader?.read()
    }
    response.end()
    await reader?.read()
    const [report] = await calls.until(1)
    await gateway.close()
    expect(report).toMatchObject({ startedAt: '2026-01-02T00:00:00.000Z', firstByteMs: 250, ttftMs: 300 })
    expect(report?.gapsMs.slice(0, 2)).toEqual([30, 100])
    const [cassette] = await cassettesIn(folder)
    expect(cassette?.exchange.chunks.map(({ atMs }) => atMs)).toEqual([250, 300, 330, 430])
    const [session] = sessionsIn(folder)
    expect(session?.events.map(({ t }) => t).slice(0, 4)).toEqual([0.25, 0.3, 0.33, 0.43])
  })

  it('is recorded as the text that its coding hides', async () => {
    const stream = streamNamed('openai-chat', 'pair-parallel-tools-turn2')
    const coded = gzipSync(stream)
    const { url, gateway, folder, calls } = await recorded((_, response) => {
      response.writeHead(200, { ...SSE, 'content-encoding': 'gzip' })
      response.write(coded.subarray(0, 100))
      response.end(coded.subarray(100))
    })
    const answer = await post(url, { 'accept-encoding': 'gzip' })
    expect(answer.headers.get('content-encoding')).toBe('gzip')
    expect(await answer.text()).toBe(stream.toString())
    const [report] = await calls.until(1)
    await gateway.close()
    const [cassette] = await cassettesIn(folder)
    expect(Buffer.from(cassette ? bodyBytes(cassette.exchange) : []).equals(stream)).toBe(true)
    expect(report?.outcome).toBe('complete')
    expect(report?.usage?.output).toBeGreaterThan(0)
  })

  it('says that its client left', async () => {
    const [first = '', second = '', third = ''] = messagesOf(streamNamed('openai-chat', 'openai-refusal'))
    const { url, gateway, folder, calls } = await recorded((_, response) => {
      response.writeHead(200, SSE).write(first + second + third)
    })
    const controller = new AbortController()
    const answer = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      body: QUESTION,
      signal: controller.signal,
    })
    await answer.body?.getReader().read()
    controller.abort()
    expect(await calls.until(1)).toMatchObject([{ outcome: 'aborted', errorType: 'client_closed' }])
    await gateway.close()
    expect(await cassettesIn(folder)).toMatchObject([
      {
        id: expect.stringMatching(/^partial__openai_/),
        exchange: { end: { type: 'aborted', where: 'response' } },
      },
    ])
    expect(sessionsIn(folder)).toMatchObject([{ end: 'aborted' }])
  })

  it('says that its API failed', async () => {
    const [first = '', second = '', third = ''] = messagesOf(streamNamed('openai-chat', 'openai-refusal'))
    const { url, gateway, folder, calls } = await recorded((_, response) => {
      response.writeHead(200, SSE).write(first + second + third, () => response.destroy())
    })
    await expect(post(url).then((answer) => answer.text())).rejects.toThrow()
    expect(await calls.until(1)).toMatchObject([{ outcome: 'failed', errorType: 'upstream_failed' }])
    await gateway.close()
    expect(await cassettesIn(folder)).toMatchObject([
      { exchange: { end: { type: 'error', where: 'response' } } },
    ])
    const [session] = sessionsIn(folder)
    expect(session?.end).toBe('error')
    expect(session?.events.at(-1)).toMatchObject({ event: 'done', data: { is_error: true } })
  })

  it('says that its end did not come', async () => {
    const [first = '', second = '', third = ''] = messagesOf(streamNamed('openai-chat', 'openai-refusal'))
    const { url, gateway, folder, calls } = await recorded((_, response) => {
      response.writeHead(200, SSE).end(first + second + third)
    })
    await (await post(url)).text()
    expect(await calls.until(1)).toMatchObject([{ outcome: 'truncated' }])
    await gateway.close()
    expect(await cassettesIn(folder)).toMatchObject([
      { exchange: { end: { type: 'truncated', reason: 'no_end_marker' } } },
    ])
  })

  it('is kept also when the API refuses, with what it says', async () => {
    const { url, gateway, folder, calls } = await recorded((_, response) => {
      response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '2' })
      response.end('{"error": {"message": "Slow down", "type": "rate_limit"}}')
    })
    expect((await post(url)).status).toBe(429)
    expect(await calls.until(1)).toMatchObject([
      { outcome: 'refused', errorType: '429', message: 'Slow down', status: 429 },
    ])
    await gateway.close()
    expect(await cassettesIn(folder)).toMatchObject([{ exchange: { response: { status: 429 } } }])
    const [session] = sessionsIn(folder)
    expect(session?.events.map(({ event, data }) => [event, data])).toMatchObject([
      ['error', { error_type: 'http_429', message: 'Slow down' }],
      ['done', { is_error: true }],
    ])
  })

  it('has the same events when it is not streamed', async () => {
    const answer = {
      id: 'c',
      object: 'chat.completion',
      created: 1,
      model: 'gpt-4o-mini-2024-07-18',
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Hello!' } }],
      usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 },
    }
    const { url, gateway, folder, calls } = await recorded((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    })
    await (await post(url)).json()
    expect(await calls.until(1)).toMatchObject([
      { outcome: 'complete', isStream: false, usage: { input: 5, output: 2 }, responseModel: answer.model },
    ])
    await gateway.close()
    const [session] = sessionsIn(folder)
    expect(session?.events.map(({ event }) => event)).toContain('token')
    expect(session?.events.at(-1)).toMatchObject({ event: 'done', data: { finish_reason: 'stop' } })
  })

  it('is left out when its client says so, and when it is not in the sample', async () => {
    const answer = messagesOf(streamNamed('openai-chat', 'openai-refusal')).join('')
    const folder = temporaryFolder()
    const calls = reportedCalls()
    const api = await fakeApi((request, response) => {
      expect(request.headers).not.toHaveProperty('x-agent-stream-record')
      response.writeHead(200, SSE).end(answer)
    })
    const dice = [0.1, 0.9, 0.4]
    const { url, gateway } = await startGateway(
      { target: api.url, record: { folder, sampleRate: 0.5 }, onCall: calls.onCall },
      { random: () => dice.shift() ?? 0 },
    )
    for (const headers of [{}, {}, { 'x-agent-stream-record': 'off' }, {}] as Record<string, string>[]) {
      await (await post(url, headers)).text()
    }
    const reports = await calls.until(4)
    expect(reports.map(({ recording }) => recording)).toEqual(['on', 'sampled_out', 'opted_out', 'on'])
    await gateway.close()
    expect(await cassettesIn(folder)).toHaveLength(2)
    expect(sessionsIn(folder)).toHaveLength(2)
  })

  it('is cut where it is larger than what is kept of a call, and passes whole', async () => {
    const stream = streamNamed('openai-chat', 'deepseek-reasoner-4800-events')
    const { url, gateway, folder, calls } = await recorded(
      (_, response) => {
        response.writeHead(200, SSE)
        for (const message of messagesOf(stream)) response.write(message)
        response.end()
      },
      { maxCallBytes: 100_000 },
    )
    expect((await (await post(url)).text()).length).toBe(stream.toString().length)
    const [report] = await calls.until(1)
    expect(report).toMatchObject({ outcome: 'complete', recording: 'cut', responseBytes: stream.length })
    await gateway.close()
    const [cassette] = await cassettesIn(folder)
    expect(cassette?.exchange.end).toMatchObject({ type: 'truncated', reason: 'too_large' })
    // What it says is all there.
    const [session] = sessionsIn(folder)
    expect(session?.events.length).toBeGreaterThan(4000)
  })

  it('of a wire that nobody knows has the messages as they are', async () => {
    const { url, gateway, folder, calls } = await recorded((_, response) => {
      response.writeHead(200, SSE).end('event: tick\ndata: {"n": 1}\n\nevent: tick\ndata: {"n": 2}\n\n')
    })
    await (await fetch(`${url}/ticks`)).text()
    expect(await calls.until(1)).toMatchObject([{ outcome: 'complete' }])
    await gateway.close()
    expect(sessionsIn(folder)[0]?.events.map(({ event, data }) => [event, data])).toEqual([
      ['tick', { n: 1 }],
      ['tick', { n: 2 }],
    ])
  })
})
