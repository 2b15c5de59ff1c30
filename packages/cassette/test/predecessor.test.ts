import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { cassette, fileStore, keyFields } from '../src/index.ts'
import { someRequest } from './support/exchanges.ts'
import { type Script, scriptedFetch } from './support/scripted-fetch.ts'
import { SimulatedClock } from './support/simulated-clock.ts'

let folder: string
let clock: SimulatedClock

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cassettes-'))
  clock = new SimulatedClock()
})
afterEach(() => rmSync(folder, { recursive: true }))

const url = 'https://api.openai.com/v1/chat/completions'
const json = { 'content-type': 'application/json' }
const question = (content: string, more: object = {}): RequestInit => ({
  method: 'POST',
  body: JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content }], ...more }),
})
const store = () => fileStore(folder)
const replaying = (options: object = {}) =>
  cassette({ store: store(), clock, mode: 'replay', ...options }).fetch

async function record(
  scripts: readonly Script[],
  calls: readonly Parameters<typeof fetch>[],
  options: object = {},
) {
  const { fetch } = scriptedFetch(clock, scripts)
  const opened = cassette({ store: store(), clock, mode: 'record', fetch, ...options })
  for (const call of calls) await (await opened.fetch(...call)).text().catch(() => undefined)
  await opened.settled()
}

const onDisk = () => readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))

/** What agentrec 1.0 does wrong, and this does not. */
describe('a defect of the predecessor', () => {
  it('1: a stream and JSON share one recording', async () => {
    const stream = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
    const scripts: readonly Script[] = [{ steps: [[1, stream]] }, { headers: json, steps: [[1, '{}']] }]
    await record(scripts, [
      [url, question('Hi', { stream: true })],
      [url, question('Hi')],
    ])
    const streamed = await replaying()(url, question('Hi', { stream: true }))
    expect(streamed.headers.get('content-type')).toBe('text/event-stream')
    expect((await replaying()(url, question('Hi'))).headers.get('content-type')).toBe('application/json')
  })

  it('2: a stream that was cut is replayed as a whole one', async () => {
    const half = 'data: {"choices":[{"index":0,"delta":{"content":"Ha"}}]}\n\n'
    for (const steps of [
      [[1, half]],
      [
        [1, half],
        [1, 'break'],
      ],
    ] as const) {
      await record([{ steps }], [[url, question('Hi', { stream: true })]])
      await expect(replaying()(url, question('Hi', { stream: true }))).rejects.toMatchObject({
        code: 'partial',
      })
    }
    expect(onDisk().join()).toContain('"end": {"type":"error"')
  })

  it('3: keys in addresses and in headers of other names are written, and those that chunks cut', async () => {
    const key = 'AIzaSyD3x4mpl3K3y0123456789abcdefghijk'
    const gemini = `https://generativelanguage.googleapis.com/v1beta/models/g:streamGenerateContent?alt=sse&key=${key}`
    const headers = { 'x-goog-api-key': key, 'helicone-auth': 'Bearer helicone-0123456789' }
    const answer = {
      ...json,
      'openai-organization': 'user-0123456789abcdef',
      'openai-project': 'proj_0123456789abcdef',
    }
    const steps = [
      [1, `{"a":"${key.slice(0, 20)}`],
      [1, `${key.slice(20)}"}`],
    ] as const
    await record([{ headers: answer, steps }], [[gemini, { ...question('Hi'), headers }]])
    expect(onDisk().join()).not.toMatch(/AIzaSyD|3K3y|helicone-0|0123456789/)
  })

  it('4: prompts are scrubbed where nothing is secret', async () => {
    const prompt = 'Plan task-management-system-v2, and be the bearer of bad news'
    await record([{ headers: json, steps: [[1, '{}']] }], [[url, question(prompt)]])
    expect(onDisk().join()).toContain(prompt)
  })

  it('6: compressed answers cannot be read, and keys know neither query nor the model of a path', async () => {
    const server = createServer((_, response) => {
      response.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(gzipSync('{"text":"Hallo"}'))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const local = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/chat/completions`
    const opened = cassette({ store: store(), mode: 'record' })
    expect(await (await opened.fetch(local, question('Hi'))).json()).toEqual({ text: 'Hallo' })
    await opened.settled()
    server.close()
    expect(onDisk().join()).toContain('{"text":"Hallo"}'.replaceAll('"', '\\"'))
    expect(onDisk().join()).not.toContain('content-encoding')
    expect(await (await replaying()(local, question('Hi'))).json()).toEqual({ text: 'Hallo' })

    const path = 'https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent'
    const gemini = someRequest({ url: `${path}?alt=json`, body: Buffer.from('{"contents":[]}') })
    expect(await keyFields(gemini)).toMatchObject({ model: 'gemini-2.5-flash', query: [['alt', 'json']] })
  })

  it('7: the last of several answers is given each time, and refusals have no place', async () => {
    const answer = (status: number, text: string): Script => ({ status, headers: json, steps: [[1, text]] })
    const scripts = [answer(429, '"wait"'), answer(200, '"one"'), answer(200, '"two"')]
    const calls = scripts.map((): Parameters<typeof fetch> => [url, question('Hi')])
    await record(scripts, calls, { recordErrors: 'all' })
    const fetch = replaying()
    const answers = [
      await fetch(url, question('Hi')),
      await fetch(url, question('Hi')),
      await fetch(url, question('Hi')),
    ]
    expect(await Promise.all(answers.map(async (each) => [each.status, await each.json()]))).toEqual([
      [429, 'wait'],
      [200, 'one'],
      [200, 'two'],
    ])
  })

  it('7: a miss names nothing but an id, and no recording is ever too old', async () => {
    await record([{ headers: json, steps: [[1, '{}']] }], [[url, question('Hi')]])
    await expect(replaying()(url, question('Ho'))).rejects.toThrow(
      'body.messages[0].content: recorded "Hi", asked "Ho"',
    )
    clock.pass(1000)
    const strict = replaying({ expiry: { maxAgeMs: 999, action: 'fail' } })
    await expect(strict(url, question('Hi'))).rejects.toMatchObject({ code: 'expired' })
  })

  it('8: a replay does not wait for the first byte', async () => {
    await record([{ headMs: 900, headers: json, steps: [[100, '{}']] }], [[url, question('Hi')]])
    const startedMs = clock.now()
    const response = replaying({ timing: true })(url, question('Hi'))
    await clock.run(response)
    expect(clock.now() - startedMs).toBe(900)
    await clock.run(response.then((each) => each.text()))
    expect(clock.now() - startedMs).toBe(1000)
  })
})
