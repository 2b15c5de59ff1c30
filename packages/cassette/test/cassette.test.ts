import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import {
  type CassetteOptions,
  type CassetteStore,
  cassette,
  memoryStore,
  recordingFetch,
  replayFetch,
} from '../src/index.ts'
import { all } from './support/exchanges.ts'
import { type Script, type ScriptedFetch, scriptedFetch } from './support/scripted-fetch.ts'
import { SimulatedClock } from './support/simulated-clock.ts'

const url = 'https://api.openai.com/v1/chat/completions'
const json = { 'content-type': 'application/json' }

let store: CassetteStore
let clock: SimulatedClock

beforeEach(() => {
  vi.stubEnv('CI', '')
  vi.stubEnv('AGENT_STREAM_CASSETTES', '')
  store = memoryStore()
  clock = new SimulatedClock()
})
afterEach(() => vi.unstubAllEnvs())

function answers(...texts: readonly string[]): readonly Script[] {
  return texts.map((text) => ({ headers: json, steps: [[1, JSON.stringify({ text })]] as const }))
}

function open(network: ScriptedFetch | undefined, options: Partial<CassetteOptions> = {}) {
  return cassette({ store, clock, ...(network && { fetch: network.fetch }), ...options })
}

function question(content: string, more: object = {}): RequestInit {
  const body = JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content }], ...more })
  return { method: 'POST', headers: json, body }
}

async function ask({ fetch }: { readonly fetch: typeof globalThis.fetch }, content: string, more?: object) {
  const response = await fetch(url, question(content, more))
  return ((await response.json()) as { readonly text?: string }).text
}

/** Records these answers to questions of the same text. */
async function record(...texts: readonly string[]): Promise<void> {
  const opened = open(scriptedFetch(clock, answers(...texts)), { mode: 'record' })
  for (const text of texts) await ask(opened, text.replace(/\d+$/, ''))
  await opened.settled()
}

describe('cassette', () => {
  it('asks the network once, and then the recording', async () => {
    const network = scriptedFetch(clock, answers('Hello'))
    const first = open(network)
    expect(first.mode).toBe('auto')
    expect(await ask(first, 'Hi')).toBe('Hello')
    await first.settled()
    const second = open(network)
    expect(await ask(second, 'Hi')).toBe('Hello')
    expect(network.calls).toEqual([`POST ${url}`])
    expect(first.use).toMatchObject({ recorded: [{ occurrence: 1 }], replayed: [] })
    expect(second.use).toMatchObject({ recorded: [], replayed: [{ occurrence: 1 }] })
  })

  it('gives the n-th answer to the n-th of several identical requests', async () => {
    await record('Joke1', 'Joke2', 'Joke3')
    const opened = open(undefined, { mode: 'replay' })
    expect([await ask(opened, 'Joke'), await ask(opened, 'Joke'), await ask(opened, 'Joke')]).toEqual([
      ...['Joke1', 'Joke2', 'Joke3'],
    ])
  })

  it('keeps their order when they are under way at once, whichever is answered first', async () => {
    const answer: ((text: string) => void)[] = []
    const fetch: typeof globalThis.fetch = async () => {
      const text = await new Promise<string>((resolve) => answer.push(resolve))
      return new Response(JSON.stringify({ text }), { headers: json })
    }
    const live = open(undefined, { mode: 'record', fetch })
    const asked = [ask(live, 'Joke'), ask(live, 'Joke'), ask(live, 'Joke')]
    await vi.waitFor(() => expect(answer).toHaveLength(3))
    for (const i of [2, 0, 1]) {
      answer[i]?.(`Joke${i + 1}`)
      await asked[i]
    }
    await live.settled()
    const offline = open(undefined, { mode: 'replay' })
    const replayed = await Promise.all([ask(offline, 'Joke'), ask(offline, 'Joke'), ask(offline, 'Joke')])
    expect([...replayed].sort()).toEqual(['Joke1', 'Joke2', 'Joke3'])
    expect(replayed).toEqual(await Promise.all(asked))
  })

  it('tells a stream from JSON', async () => {
    await record('Hi')
    await expect(ask(open(undefined, { mode: 'replay' }), 'Hi', { stream: true })).rejects.toMatchObject({
      code: 'miss',
    })
    expect(await ask(open(undefined, { mode: 'replay' }), 'Hi', { stream: false })).toBe('Hi')
  })

  describe('after the last recording', () => {
    it('repeats it in replay, unless it is a miss', async () => {
      await record('Joke1', 'Joke2')
      const opened = open(undefined, { mode: 'replay' })
      for (const text of ['Joke1', 'Joke2', 'Joke2', 'Joke2']) expect(await ask(opened, 'Joke')).toBe(text)
      const strict = open(undefined, { mode: 'replay', afterLast: 'miss' })
      for (const text of ['Joke1', 'Joke2']) expect(await ask(strict, 'Joke')).toBe(text)
      await expect(ask(strict, 'Joke')).rejects.toThrow(/for the 3\. time: there are 2 of openai_gpt-4o_/)
    })

    it('asks the network in auto mode, unless it repeats or is a miss', async () => {
      await record('Joke1')
      const network = scriptedFetch(clock, answers('Joke2'))
      const opened = open(network)
      for (const text of ['Joke1', 'Joke2']) expect(await ask(opened, 'Joke')).toBe(text)
      await opened.settled()
      expect(opened.use.recorded).toMatchObject([{ occurrence: 2 }])
      const repeating = open(network, { afterLast: 'repeat' })
      for (const text of ['Joke1', 'Joke2', 'Joke2']) expect(await ask(repeating, 'Joke')).toBe(text)
      const strict = open(network, { afterLast: 'miss' })
      for (const text of ['Joke1', 'Joke2']) expect(await ask(strict, 'Joke')).toBe(text)
      await expect(ask(strict, 'Joke')).rejects.toMatchObject({ code: 'miss' })
      expect(network.calls).toHaveLength(1)
    })
  })

  it('records anew in the places of before', async () => {
    await record('Joke1', 'Joke2')
    clock.pass(10)
    await record('Joke8', 'Joke9')
    const opened = open(undefined, { mode: 'replay' })
    expect([await ask(opened, 'Joke'), await ask(opened, 'Joke')]).toEqual(['Joke8', 'Joke9'])
    expect(await all(store.entries())).toHaveLength(2)
  })

  describe('a miss', () => {
    it('shows the nearest recording and where it differs, without secrets', async () => {
      await record('Hi')
      const opened = open(undefined, { mode: 'replay' })
      const asked = ask(opened, 'Ho sk-proj-0123456789abcdefghij', { temperature: 0.5 })
      await expect(asked).rejects.toMatchObject({ name: 'CassetteError', code: 'miss' })
      const message = await asked.catch(({ message }: Error) => message)
      expect(message).toMatch(
        /^No recording answers POST \/v1\/chat\/completions \(openai, gpt-4o\) \(openai_gpt-4o_[0-9a-f]{16}\), of 1 there are\. Record it in mode "record" or "auto"/,
      )
      expect(message).toMatch(/\nThe nearest is openai_gpt-4o_[0-9a-f]{16}, which differs in:\n/)
      expect(message).toContain('  body.messages[0].content: recorded "Hi", asked "Ho sk-[REDACTED:api-key]"')
      expect(message).toContain('  body.temperature: recorded nothing, asked 0.5')
    })

    it('shows nothing that the caller calls secret', async () => {
      const scrub = { patterns: [/ACME-\d+/], keys: ['iban'] }
      await ask(open(scriptedFetch(clock, answers('Yes')), { scrub }), 'Is it ACME-1?', { iban: 'DE1' })
      const opened = open(undefined, { mode: 'replay', scrub })
      const messageOf = (asked: Promise<unknown>) => asked.catch(({ message }: Error) => message)
      const other = await messageOf(ask(opened, 'Was it ACME-22?', { iban: 'DE2' }))
      expect(other).toContain(
        'content: recorded "Is it [REDACTED:pattern]?", asked "Was it [REDACTED:pattern]?"',
      )
      expect(other).not.toMatch(/ACME-|DE\d|iban/)
      expect(await messageOf(ask(opened, 'Is it ACME-22?', { iban: 'DE2' }))).toMatch(
        /, which differs only in what is scrubbed$/,
      )
    })

    it('says that there is nothing', async () => {
      await expect(ask(open(undefined, { mode: 'replay' }), 'Hi')).rejects.toThrow('of 0 there are')
    })
  })

  describe('under CI', () => {
    it('makes no call in auto mode, unless it was said', async () => {
      vi.stubEnv('CI', 'true')
      const network = scriptedFetch(clock, answers('Hi'))
      const opened = open(network)
      expect(opened.mode).toBe('replay')
      await expect(ask(opened, 'Hi')).rejects.toMatchObject({ code: 'miss' })
      expect(network.calls).toEqual([])
      expect(await ask(open(network, { isLiveInCi: true }), 'Hi')).toBe('Hi')
    })

    it.each(['', '0', 'false'])('is not where CI is "%s"', (value) => {
      vi.stubEnv('CI', value)
      expect(open(undefined).mode).toBe('auto')
    })
  })

  it('lets the environment say what auto is', () => {
    vi.stubEnv('AGENT_STREAM_CASSETTES', 'record')
    expect(open(undefined).mode).toBe('record')
    expect(open(undefined, { mode: 'replay' }).mode).toBe('replay')
    vi.stubEnv('AGENT_STREAM_CASSETTES', 'live')
    expect(() => open(undefined)).toThrow(
      'AGENT_STREAM_CASSETTES is "live"; expected "auto", "record" or "replay"',
    )
  })

  describe('what is refused', () => {
    const refusal = (status: number): Script => ({
      status,
      headers: json,
      steps: [[1, `{"text":"${status}"}`]],
    })

    it.each([
      ['lasting', [400, 404, 422], [401, 403, 408, 409, 429, 500, 503, 529]],
      ['none', [], [400, 404, 429, 500]],
      ['all', [400, 401, 404, 429, 500, 529], []],
      [(status: number) => status === 418, [418], [400, 500]],
    ] as const)('is kept as recordErrors says: %s', async (recordErrors, kept, passing) => {
      for (const status of [...kept, ...passing]) {
        const opened = open(scriptedFetch(clock, [refusal(status)]), { recordErrors })
        await ask(opened, String(status))
        await opened.settled()
        expect(opened.use.recorded).toHaveLength(kept.some((each) => each === status) ? 1 : 0)
      }
    })

    it('is kept whole though its body is thrown away', async () => {
      const network = scriptedFetch(clock, [refusal(429), ...answers('Hi')])
      const opened = open(network, { recordErrors: 'all' })
      await (await opened.fetch(url, question('Hi'))).body?.cancel()
      expect(await ask(opened, 'Hi')).toBe('Hi')
      await opened.settled()
      const offline = open(undefined, { mode: 'replay' })
      expect([await ask(offline, 'Hi'), await ask(offline, 'Hi')]).toEqual(['429', 'Hi'])
    })
  })

  describe('an old recording', () => {
    const day = 86_400_000

    it('answers, and is reported once', async () => {
      await record('Hi')
      clock.pass(3 * day)
      const onProblem = vi.fn<(problem: Error) => void>()
      const opened = open(undefined, { mode: 'replay', expiry: { maxAgeMs: 2 * day }, onProblem })
      expect([await ask(opened, 'Hi'), await ask(opened, 'Hi')]).toEqual(['Hi', 'Hi'])
      expect(onProblem).toHaveBeenCalledOnce()
      expect(onProblem.mock.calls[0]?.[0]).toMatchObject({ code: 'expired' })
      expect(opened.use.expired).toMatchObject([{ occurrence: 1 }])
    })

    it('is no answer where that was said', async () => {
      await record('Hi')
      clock.pass(3 * day)
      const opened = open(undefined, { mode: 'replay', expiry: { maxAgeMs: 2 * day, action: 'fail' } })
      await expect(ask(opened, 'Hi')).rejects.toMatchObject({ code: 'expired' })
    })

    it('is recorded anew in auto mode where that was said, in its place', async () => {
      await record('Hi1')
      clock.pass(3 * day)
      const expiry = { maxAgeMs: 2 * day, action: 're-record' } as const
      const opened = open(scriptedFetch(clock, answers('Hi2')), { expiry })
      expect(await ask(opened, 'Hi')).toBe('Hi2')
      await opened.settled()
      expect(await ask(open(undefined, { mode: 'replay', expiry }), 'Hi')).toBe('Hi2')
      expect(await all(store.entries())).toHaveLength(1)
    })
  })

  it('finds a request by a caller’s own key', async () => {
    const key = () => 'the greeting'
    const opened = open(scriptedFetch(clock, answers('Hello')), { key })
    await ask(opened, 'Hi')
    await opened.settled()
    expect(await ask(open(undefined, { mode: 'replay', key }), 'Something else')).toBe('Hello')
    await expect(ask(open(undefined, { key: () => '' }), 'Hi')).rejects.toThrow(
      'expected a text that is not empty',
    )
  })

  it('says what could not be stored, and answers all the same', async () => {
    const onProblem = vi.fn<(problem: Error) => void>()
    const full = { ...store, write: () => Promise.reject(new Error('ENOSPC')) }
    const opened = open(scriptedFetch(clock, answers('Hi')), { store: full, onProblem })
    expect(await ask(opened, 'Hi')).toBe('Hi')
    await expect(opened.settled()).rejects.toMatchObject({ code: 'not_stored', cause: { message: 'ENOSPC' } })
    await expect(opened.settled()).resolves.toBeUndefined()
    expect(onProblem).toHaveBeenCalledOnce()
  })

  it.each([
    [{ store: undefined }, 'A cassette has no store'],
    [{ mode: 'live' }, 'mode is "live"; expected "auto", "record" or "replay"'],
    [{ speed: 0 }, 'speed is 0; expected a number above 0'],
    [{ maxResponseBytes: -1 }, 'maxResponseBytes is -1'],
    [{ expiry: { maxAgeMs: Number.NaN } }, 'expiry.maxAgeMs is NaN'],
    [{ expiry: { maxAgeMs: 1, action: 'burn' } }, 'expiry.action is "burn"'],
    [{ recordErrors: 'some' }, 'recordErrors is "some"'],
    [{ scrub: { keys: [''] } }, 'A key to redact is ""'],
  ])('refuses options that are none: %j', (options, message) => {
    // What a caller without types may give.
    expect(() => open(undefined, options as Partial<CassetteOptions>)).toThrow(message)
  })
})

describe('recordingFetch and replayFetch', () => {
  it('let pass what is its own answer, and record none of it', async () => {
    const recording = recordingFetch({ store, clock, fetch: scriptedFetch(clock, []).fetch })
    for (const fetch of [recording, replayFetch({ store, clock })]) {
      expect(await (await fetch('data:,Hi')).text()).toBe('Hi')
      expect(await (await fetch(new URL('data:,Hi'))).text()).toBe('Hi')
    }
    await recording.session.settled()
    expect(await all(store.entries())).toEqual([])
  })

  it('are the two halves', async () => {
    const network = scriptedFetch(clock, answers('Hi'))
    const recording = recordingFetch({ store, clock, fetch: network.fetch })
    expect(await ask({ fetch: recording }, 'Hi')).toBe('Hi')
    await recording.session.settled()
    expect(await ask({ fetch: replayFetch({ store, clock }) }, 'Hi')).toBe('Hi')
    expect(network.calls).toHaveLength(1)
  })
})
