import { beforeEach, describe, expect, it } from 'vitest'

import { type CassetteStore, cassette, memoryStore } from '../../src/index.ts'
import { type Script, type Step, scriptedFetch } from '../support/scripted-fetch.ts'
import { SimulatedClock } from '../support/simulated-clock.ts'

const url = 'https://api.anthropic.com/v1/messages'
const ask: RequestInit = { method: 'POST', body: '{"model":"claude-haiku-4-5","messages":[],"stream":true}' }
const stop = 'event: message_stop\ndata: {"type":"message_stop"}\n\n'
const steps: readonly Step[] = [
  [0, 'event: message_start\ndata: {"type":"message_start","message":{"id":"m"}}\n\n'],
  [250, 'event: ping\n'],
  [30, 'data: {"type":"ping"}\n\n'],
  [2000, stop],
]

let store: CassetteStore
let clock: SimulatedClock

beforeEach(() => {
  store = memoryStore()
  clock = new SimulatedClock()
})

async function record(script: Script): Promise<Response> {
  const { fetch } = scriptedFetch(clock, [script])
  const opened = cassette({ store, clock, fetch, mode: 'record', recordErrors: 'all' })
  const response = await opened.fetch(url, ask)
  await response
    .clone()
    .text()
    .catch(() => undefined)
  await opened.settled()
  return response
}

const replaying = (options: object = {}) => cassette({ store, clock, mode: 'replay', ...options })

/** The pieces of a body, and when each came. */
async function arrivals(
  response: Response,
  startedMs: number,
): Promise<readonly (readonly [number, string])[]> {
  const pieces: [number, string][] = []
  for await (const bytes of response.body ?? [])
    pieces.push([clock.now() - startedMs, Buffer.from(bytes).toString()])
  return pieces
}

async function replayed(options: object): Promise<readonly (readonly [number, string])[]> {
  const startedMs = clock.now()
  return clock.run(
    replaying(options)
      .fetch(url, ask)
      .then((response) => arrivals(response, startedMs)),
  )
}

describe('a replayed response', () => {
  it('takes the time that it took, the wait for its head included', async () => {
    await record({ headMs: 700, steps })
    const at = [700, 950, 980, 2980]
    expect(await replayed({ timing: true })).toEqual(steps.map(([, piece], i) => [at[i], piece]))
    expect(await replayed({ timing: true, speed: 2 })).toEqual(
      steps.map(([, piece], i) => [(at[i] as number) / 2, piece]),
    )
    expect(await replayed({})).toEqual(steps.map(([, piece]) => [0, piece]))
  })

  it('looks as if it came from the network', async () => {
    const headers = {
      'content-type': 'text/event-stream',
      'content-encoding': 'gzip',
      'content-length': '9',
      'x-a': 'b',
    }
    await record({ headers, steps })
    const response = await replaying().fetch(`${url}#part`, ask)
    expect(response).toMatchObject({ status: 200, ok: true, url, redirected: false, type: 'basic' })
    expect([...response.headers]).toEqual([
      ['content-type', 'text/event-stream'],
      ['x-a', 'b'],
    ])
  })

  it('can be cloned and teed', async () => {
    await record({ steps })
    const response = await replaying().fetch(url, ask)
    const clone = response.clone()
    expect(clone.url).toBe(url)
    const [left, right] = response.body?.tee() ?? []
    const whole = steps.map(([, piece]) => piece).join('')
    for (const body of [clone.body, left, right]) expect(await new Response(body).text()).toBe(whole)
  })

  it('keeps cookies apart', async () => {
    const inner: typeof fetch = async () => {
      const headers = new Headers([
        ['set-cookie', 'a=1; Path=/'],
        ['set-cookie', 'b=2'],
      ])
      return new Response('{}', { headers })
    }
    const opened = cassette({ store, clock, fetch: inner, mode: 'record', scrub: false })
    await (await opened.fetch(url, ask)).text()
    await opened.settled()
    expect((await replaying().fetch(url, ask)).headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2'])
  })

  it.each([204, 304])('has no body where its status has none: %i', async (status) => {
    const inner: typeof fetch = async () => new Response(null, { status })
    const opened = cassette({ store, clock, fetch: inner, mode: 'record' })
    await opened.fetch(url, ask)
    await opened.settled()
    const response = await replaying().fetch(url, ask)
    expect([response.status, response.body]).toEqual([status, null])
  })

  it('knows where it was redirected to', async () => {
    const inner: typeof fetch = async () => {
      const response = new Response('{}')
      Object.defineProperties(response, {
        url: { value: 'https://eu.example.com/v1' },
        redirected: { value: true },
      })
      return response
    }
    const opened = cassette({ store, clock, fetch: inner, mode: 'record' })
    expect(await opened.fetch(url, ask).then((response) => response.text())).toBe('{}')
    await opened.settled()
    expect(await replaying().fetch(url, ask)).toMatchObject({
      url: 'https://eu.example.com/v1',
      redirected: true,
    })
  })

  it('gives its bytes away, and has them for the next time', async () => {
    await record({ steps })
    for (let i = 0; i < 2; i++) {
      const { value } = (await (await replaying().fetch(url, ask)).body?.getReader().read()) ?? {}
      expect(Buffer.from(value ?? []).toString()).toBe(steps[0]?.[1])
      structuredClone(value, { transfer: value ? [value.buffer] : [] })
    }
  })

  describe('that is aborted', () => {
    it('rejects with the reason before it begins', async () => {
      await record({ steps })
      const signal = AbortSignal.abort(new Error('enough'))
      await expect(replaying().fetch(url, { ...ask, signal })).rejects.toThrow('enough')
    })

    it('rejects while it waits for its head', async () => {
      await record({ headMs: 700, steps })
      const controller = new AbortController()
      const response = replaying({ timing: true }).fetch(url, { ...ask, signal: controller.signal })
      setImmediate(() => controller.abort(new Error('enough')))
      await expect(response).rejects.toThrow('enough')
      expect(clock.pending).toBe(0)
    })

    it('ends its body with the reason, at once', async () => {
      await record({ steps })
      const controller = new AbortController()
      const response = await replaying({ timing: true }).fetch(url, { ...ask, signal: controller.signal })
      const reader = response.body?.getReader()
      await reader?.read()
      const next = reader?.read()
      controller.abort(new Error('enough'))
      await expect(next).rejects.toThrow('enough')
      await expect.poll(() => clock.pending).toBe(0)
    })
  })
})

describe('a recording that broke off', () => {
  const half = steps.slice(0, 3)
  const whole = half.map(([, piece]) => piece).join('')

  it.each([
    ['whose server closed it early', half],
    ['whose connection broke', [...half, [5, 'break']] as readonly Step[]],
  ])('is no answer: %s', async (_, cut) => {
    await record({ steps: cut })
    await expect(replaying().fetch(url, ask)).rejects.toMatchObject({ code: 'partial' })
  })

  it('gives way to the network in auto mode, and is gone once there is a whole one', async () => {
    await record({ steps: half })
    const { fetch, calls } = scriptedFetch(clock, [{ steps }])
    const opened = cassette({ store, clock, fetch, mode: 'auto', isLiveInCi: true })
    await (await opened.fetch(url, ask)).text()
    await opened.settled()
    expect(calls).toHaveLength(1)
    expect(await (await replaying().fetch(url, ask)).text()).toBe(whole + stop)
    const ids: string[] = []
    for await (const entry of store.entries()) if (entry.type === 'cassette') ids.push(entry.cassette.id)
    expect(ids).toEqual([expect.stringMatching(/^anthropic_/)])
  })

  it('breaks off again where that is asked for: closed early', async () => {
    await record({ steps: half })
    const response = await replaying({ partial: 'replay' }).fetch(url, ask)
    expect(await response.text()).toBe(whole)
  })

  it('breaks off again where that is asked for: broken', async () => {
    await record({ steps: [...half, [5, 'break']] })
    const response = await replaying({ partial: 'replay' }).fetch(url, ask)
    await expect(response.text()).rejects.toThrow('terminated')
  })

  it('breaks off again where that is asked for: never answered', async () => {
    const opened = cassette({ store, clock, mode: 'record', fetch: scriptedFetch(clock, []).fetch })
    await expect(opened.fetch(url, ask)).rejects.toThrow('fetch failed')
    await opened.settled()
    await expect(replaying({ partial: 'replay' }).fetch(url, ask)).rejects.toThrow('fetch failed')
  })

  it('gives what there is of it where its reader had enough, and then says so', async () => {
    const opened = cassette({ store, clock, mode: 'record', fetch: scriptedFetch(clock, [{ steps }]).fetch })
    const reader = (await opened.fetch(url, ask)).body?.getReader()
    await reader?.read()
    await reader?.cancel()
    await opened.settled()
    const again = (await replaying({ partial: 'replay' }).fetch(url, ask)).body?.getReader()
    expect(Buffer.from((await again?.read())?.value ?? []).toString()).toBe(steps[0]?.[1])
    await expect(again?.read()).rejects.toThrow('The recording ends here, as its caller wanted no more')
  })
})
