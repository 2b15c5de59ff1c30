import { fold } from '@agent-stream/protocol'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Agents, catalogue, runIdOf, startAgents, stateOf } from './agents.ts'

const PAGE = 'http://page.example'
const { text: ANSWER } = fold(catalogue.get('repository-question')?.events.map(({ event }) => event) ?? [])
const FAST = { recording: 'repository-question', speed: 10_000 }

let agents: Agents

beforeAll(async () => {
  agents = await startAgents(undefined, [PAGE])
})

afterAll(() => agents[Symbol.asyncDispose]())

describe.each(['/api/stream', '/runs'])('POST %s', (path) => {
  it('streams the recording as an event stream that nothing may hold back', async () => {
    const response = await agents.post(path, { recording: 'sub-agent', speed: 10_000 })
    expect(response.status).toBe(200)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    })
    expect(await response.text()).toMatch(/event: turn\ndata: .*\n\n[\s\S]*event: done\ndata: .*\n\n$/)
  })

  it.each([
    ['not JSON', 'hello', 400, 'bad_request', 'The body must be a JSON object'],
    ['a wrong speed', { recording: 'sub-agent', speed: -1 }, 400, 'bad_request', '"speed" must be'],
    [
      'a wrong fault',
      { recording: 'sub-agent', fault: 'x' },
      400,
      'bad_request',
      '"fault" must be one of none',
    ],
    [
      'an unknown recording',
      { recording: '../../etc/passwd' },
      404,
      'unknown_recording',
      'There is no recording',
    ],
    [
      'a body that is too large',
      { recording: 'x'.repeat(20_000) },
      413,
      'body_too_large',
      'at most 10000 bytes',
    ],
    [
      'the fault that refuses',
      { recording: 'sub-agent', fault: 'http-403' },
      403,
      'forbidden',
      'You may not run',
    ],
  ])('answers %s with one clear error', async (_, body, status, errorType, message) => {
    const response = await agents.post(path, body)
    expect(response.status).toBe(status)
    expect(await response.json()).toEqual({
      error_type: errorType,
      message: expect.stringContaining(message),
    })
  })
})

describe('POST /api/stream', () => {
  it('cuts the first request of a key, and streams its repeat whole', async () => {
    const headers = { 'idempotency-key': 'one' }
    const drop = () =>
      agents.post('/api/stream', { recording: 'sub-agent', speed: 10_000, fault: 'drop' }, { headers })
    await expect(drop().then((response) => response.text())).rejects.toThrow()
    expect(await (await drop()).text()).toContain('event: done')
  })

  it('stops when the client leaves', async () => {
    const leave = new AbortController()
    const { signal } = leave
    const response = await agents.post('/api/stream', { recording: 'sub-agent', speed: 0.01 }, { signal })
    expect(response.status).toBe(200)
    expect(agents.openStreams()).toBe(1)
    leave.abort()
    await vi.waitFor(() => expect(agents.openStreams()).toBe(0))
  })
})

describe('POST /runs', () => {
  it('goes on when the client leaves', async () => {
    const response = await agents.post('/runs', FAST)
    await response.body?.cancel()
    const state = await stateOf(await agents.events(runIdOf(response)))
    expect(state).toMatchObject({ text: ANSWER, outcome: 'complete', reconciled: true })
  })

  it('splits every byte, and loses none', async () => {
    const response = await agents.post('/runs', { ...FAST, fault: 'split-bytes' })
    const state = await stateOf(response)
    expect(state).toMatchObject({ text: ANSWER, outcome: 'complete', reconciled: true })
  })

  it('is dropped in the middle of the answer, and goes on from there', async () => {
    const response = await agents.post('/runs', { ...FAST, fault: 'drop' })
    const first = await stateOf(response)
    expect(first).toMatchObject({ outcome: null, seq: { last: 97 } })
    expect(ANSWER.startsWith(first.text)).toBe(true)
    const rest = await agents.events(runIdOf(response), 97)
    expect(await rest.text()).toMatch(/^id: 98\n[\s\S]*event: done\n.*\n\n$/)
  })

  it('is dropped again and again, each time further on', async () => {
    const response = await agents.post('/runs', { ...FAST, fault: 'drop-always' })
    const ends = [await lastNumber(response)]
    for (let last = ends[0] ?? 0; last < 162 && ends.length < 9; ends.push(last))
      last = await lastNumber(await agents.events(runIdOf(response), last))
    expect(ends).toEqual([29, 58, 87, 116, 145, 162])
  })

  it('ends without done, and goes on from there', async () => {
    const response = await agents.post('/runs', { ...FAST, fault: 'close-without-done' })
    const text = await response.text()
    expect(text).not.toContain('event: done')
    expect(await isWhole(runIdOf(response), 129)).toBe(true)
  })

  it('lets no other page read than those it knows', async () => {
    const refused = { ...FAST, fault: 'http-403' }
    for (const body of [FAST, refused]) {
      const allowed = async (origin: string) => {
        const headers = { origin, 'content-type': 'application/json' }
        const response = await agents.post('/runs', body, { headers })
        await response.body?.cancel()
        return response.headers.get('access-control-allow-origin')
      }
      expect(await allowed(PAGE)).toBe(PAGE)
      expect(await allowed('http://other.example')).toBeNull()
    }
  })
})

describe('everything else', () => {
  it('is answered by the run server, or with a clear error', async () => {
    const missing = await fetch(`${agents.url}/../package.json`)
    expect(missing.status).toBe(404)
    expect(await missing.json()).toMatchObject({ error_type: 'not_found' })
    const listed = (await (await fetch(`${agents.url}/runs`)).json()) as { runs: unknown[] }
    expect(listed.runs.length).toBeGreaterThan(0)
    expect((await fetch(`${agents.url}/runs/${'0'.repeat(32)}`)).status).toBe(404)
  })
})

/** The number of the last event that comes. */
async function lastNumber(response: Response): Promise<number> {
  let text = ''
  try {
    for await (const chunk of response.body ?? []) text += new TextDecoder().decode(chunk)
  } catch {
    // It was cut off.
  }
  return Number([...text.matchAll(/^id: (\d+)$/gm)].at(-1)?.[1])
}

/** Whether the rest of a run comes in one piece. */
async function isWhole(runId: string, after = 0): Promise<boolean> {
  const text = await agents.events(runId, after).then((response) => response.text().catch(() => ''))
  return text.startsWith(`id: ${after + 1}\n`) && text.includes('event: done')
}
