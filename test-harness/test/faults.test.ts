import type { RecordedEvent, RecordedSession } from '@agent-stream/protocol'
import { describe, expect, it } from 'vitest'

import { type Fault, type RunOptions, replay, runRecording } from '../src/index.ts'
import '../src/vitest.ts'
import { allSessions, parallelTools, runLog } from './fixtures/sessions.ts'

const text = 'Let me look at the order and the stock. There are three left, so your lamp ships today.'
/** Its text comes before any tool: the request may be repeated. */
const plain: RecordedSession = {
  ...parallelTools,
  events: parallelTools.events.filter(({ event }) => !event.startsWith('tool_')),
}

const run = (session: RecordedSession, faults: readonly Fault[], options: RunOptions = {}) =>
  runRecording(session, { ...options, faults })

async function body(session: RecordedSession, ...faults: readonly Fault[]): Promise<string> {
  return (await replay(session, { speed: 0, faults })('/replay')).text()
}

const names = (sse: string) => [...sse.matchAll(/^event: (.*?)\r?$/gm)].map(([, name]) => name)

/** The session as a server that keeps its runs would send it. */
function numbered(session: RecordedSession): RecordedSession {
  const started = { run_id: session.id, started_at: session.startedAt, protocol: '1' }
  const events: RecordedEvent[] = [{ t: 0, event: 'run_started', data: started }, ...session.events]
  return { ...session, events: events.map((event, index) => ({ ...event, seq: index + 1 })) }
}

describe('a cut', () => {
  it('has a client resume a numbered run: wherever it is, the end is the same', async () => {
    const whole = await runRecording(runLog)
    for (let afterEvents = 0; afterEvents < runLog.events.length; afterEvents++) {
      for (const as of ['drop', 'close'] as const) {
        const cut = await run(runLog, [{ type: 'cut', afterEvents, as }])
        // Before `run_started` there is nothing to resume: the request is repeated, or the stream is truncated.
        if (afterEvents === 0 && as === 'close') continue
        expect(cut.final, `${as} after ${afterEvents}`).toEqual(whole.final)
        if (afterEvents === 0) continue
        expect(cut.requests.map(({ lastEventId }) => lastEventId)).toEqual([null, `${afterEvents}`])
        expect(cut).toHaveTransitions([
          ...['streaming.connecting', 'streaming.open', 'retrying'],
          ...['streaming.connecting', 'streaming.open', 'done'],
        ])
      }
    }
  })

  it('may be within an event: what was cut off comes again whole', async () => {
    const whole = await runRecording(runLog)
    const { length } = await body(runLog)
    for (let afterBytes = 170; afterBytes < length; afterBytes += 13) {
      const cut = await run(runLog, [{ type: 'cut', afterBytes }])
      expect(cut.final, `after ${afterBytes} bytes`).toEqual(whole.final)
    }
  })

  it('does not hold the run up: it goes on meanwhile, and what was missed comes at once', async () => {
    const { snapshots, durationMs } = await run(runLog, [{ type: 'cut', afterEvents: 4 }])
    const tools = snapshots.map(
      ({ atMs, snapshot }) => `${atMs} ${snapshot.tools.map(({ status }) => status)}`,
    )
    // Cut at 0.52 s, tried again a second later: by then one tool has begun and ended.
    expect(tools).toContain('1520 running,done')
    expect(durationMs).toBe(63_500)
  })

  it('may befall each answer: every one gets a little further', async () => {
    const { final, requests } = await run(runLog, [{ type: 'cut', afterEvents: 2, request: 'every' }])
    expect(final).toMatchObject({ status: 'done', reconciled: true, text })
    expect(requests.map(({ lastEventId }) => lastEventId)).toEqual([null, '2', '4', '6', '8', '10'])
  })

  it('has a client repeat the request of a run without numbers, from its beginning', async () => {
    const { final, requests, snapshots } = await run(plain, [{ type: 'cut', afterEvents: 3 }])
    expect(final).toMatchObject({ status: 'done', text })
    expect(requests).toHaveLength(2)
    expect(snapshots.map(({ restarts }) => restarts)).toEqual(
      [...snapshots.map(({ restarts }) => restarts)].sort(),
    )
    expect(snapshots.at(-1)?.restarts).toBe(1)
  })

  it('ends a run without numbers once a tool has started', async () => {
    const cut = await run(parallelTools, [{ type: 'cut', afterEvents: 5 }])
    expect(cut).toHaveEnded('truncated')
    expect(cut).toHaveNoToolRunning()
    expect(cut.final.tools.map(({ status }) => status)).toEqual(['incomplete', 'done'])
  })
})

describe('a stall', () => {
  it('is taken for a dead connection where heartbeats were announced, and only there', async () => {
    const numberedRun = await run(runLog, [{ type: 'stall', afterEvents: 3, ms: Infinity }])
    expect(numberedRun.final).toEqual((await runRecording(runLog)).final)
    // Three times 15 s after the last byte.
    expect(numberedRun.transitions[2]).toEqual({ atMs: 45_310, from: 'streaming.open', to: 'retrying' })

    const plainRun = await run(parallelTools, [{ type: 'stall', afterEvents: 3, ms: 90_000 }])
    expect(plainRun.snapshots.some(({ snapshot }) => snapshot.isStalled)).toBe(true)
    expect(plainRun).toHaveEnded('complete')
    expect(plainRun.durationMs).toBe(93_500)
  })

  it('is none where a tool only runs for long: heartbeats come', async () => {
    const { transitions, snapshots } = await runRecording(runLog)
    expect(transitions.map(({ to }) => to)).not.toContain('retrying')
    expect(snapshots.some(({ snapshot }) => snapshot.isStalled)).toBe(false)
  })
})

describe('an error status', () => {
  it('is final on the first request, and with a token asked about once more', async () => {
    const refused = await run(plain, [{ type: 'status', status: 503 }])
    expect(refused.final).toMatchObject({ status: 'error', error: { errorType: 'http_error' } })
    let asked = 0
    const client = { getToken: () => `token ${++asked}` }
    const renewed = await run(plain, [{ type: 'status', status: 401 }], { client })
    expect(renewed.requests.map(({ status }) => status)).toEqual([401, 200])
    expect(asked).toBe(2)
  })

  it('delays a resumption by what Retry-After says, one after the other', async () => {
    const { requests, final } = await run(runLog, [
      { type: 'cut', afterEvents: 3 },
      { type: 'status', request: 2, status: 503, retryAfterSeconds: 20 },
      { type: 'refuse', request: 3 },
      { type: 'status', request: 4, status: 429 },
    ])
    // The later ones wait 4 s and 8 s: the third and fourth drop in a row.
    expect(requests.map(({ atMs, status }) => [atMs, status])).toEqual([
      [0, 200],
      [1310, 503],
      [21_310, null],
      [25_310, 429],
      [33_310, 200],
    ])
    expect(final).toMatchObject({ status: 'done', text })
  })

  it('exhausts the tries when there is nothing else', async () => {
    const cut: Fault = { type: 'cut', afterEvents: 2 }
    const gone = [2, 3, 4].map((request): Fault => ({ type: 'refuse', request }))
    const { final, requests } = await run(plain, [cut, ...gone])
    expect(requests).toHaveLength(4)
    expect(final).toMatchObject({ status: 'error', error: { errorType: 'network_error' } })
    expect(text.startsWith(final.text)).toBe(true)
  })
})

describe('repeated and reordered events', () => {
  it('change nothing in a numbered run but what is counted', async () => {
    const whole = await runRecording(runLog)
    for (let seed = 1; seed <= 10; seed++) {
      const { final, sent } = await run(runLog, [{ type: 'duplicate', seed }])
      expect(sent.length).toBeGreaterThan(runLog.events.length)
      expect({ ...final, seq: whole.final.seq }).toEqual(whole.final)
      expect(final.seq).toMatchObject({ last: 11, gaps: [] })
    }
  })

  it('are sent as the seed says', async () => {
    const original = names(await body(parallelTools))
    const twice = names(await body(parallelTools, { type: 'duplicate', seed: 2 }))
    const moved = names(await body(parallelTools, { type: 'reorder', seed: 4 }))
    expect(twice.length).toBeGreaterThan(original.length)
    expect(new Set(twice)).toEqual(new Set(original))
    expect(moved).not.toEqual(original)
    expect([...moved].sort()).toEqual([...original].sort())
  })
})

describe('faults together', () => {
  it('end in the same state wherever a numbered run is cut, repeated, reordered and cut into bytes', async () => {
    for (const [name, session] of allSessions.filter(([, { events }]) => events.length < 400)) {
      const durable = session.events.some(({ seq }) => seq) ? session : numbered(session)
      const options: RunOptions = {
        chunking: [1, 50, 7],
        faults: [
          { type: 'crlf' },
          { type: 'duplicate', seed: 3 },
          { type: 'cut', afterEvents: 1 + Math.floor(session.events.length / 2) },
          { type: 'cut', afterBytes: 400, request: 2 },
          { type: 'refuse', request: 3 },
        ],
      }
      const [whole, broken] = [await runRecording(durable), await runRecording(durable, options)]
      expect(broken.requests.length, name).toBeGreaterThan(3)
      expect({ ...broken.final, seq: null }, name).toEqual({ ...whole.final, seq: null })
      await expect(broken).toKeepInvariants(options)
    }
  })

  it('turns line ends into CRLF', async () => {
    const sse = await body(parallelTools, { type: 'crlf' })
    expect(sse.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
    expect(sse.replaceAll('\r\n', '\n')).toBe(await body(parallelTools))
  })

  it.each<[string, unknown]>([
    ['needs "afterEvents" or "afterBytes"', { type: 'cut' }],
    ['needs "ms", milliseconds above 0', { type: 'stall', afterEvents: 1, ms: -1 }],
    ['needs "status", from 400 to 599', { type: 'status', status: 200 }],
    ['befalls no request', { type: 'refuse', request: 0 }],
    ['is unknown', { type: 'flood' }],
  ])('says what is wrong with a fault: it %s', (message, fault) => {
    expect(() => replay(plain, { faults: [fault as Fault] })).toThrow(message)
  })
})

describe('a replayed run that is kept', () => {
  it('is found where the answer says, after any event and from the beginning', async () => {
    const fetch = replay(runLog, { speed: 0 })
    const answer = await fetch('/runs', { method: 'POST' })
    const url = answer.headers.get('content-location') as string
    expect(url).toBe(`/runs/${runLog.id}/events`)
    expect(names(await (await fetch(url, { headers: { 'Last-Event-ID': '9' } })).text())).toEqual([
      'token',
      'done',
    ])
    expect(names(await (await fetch(url)).text())).toHaveLength(11)
    expect(
      (await fetch(new Request(`http://localhost${url}`, { headers: { 'Last-Event-ID': '11' } }))).status,
    ).toBe(204)
  })

  it('takes cancels and answers, and goes on as recorded', async () => {
    const fetch = replay(runLog, { speed: 0 })
    const cancel = await fetch(`/runs/${runLog.id}/cancel`, { method: 'POST', body: '{}' })
    expect([cancel.status, await cancel.json()]).toEqual([202, { run_id: runLog.id, status: 'cancelling' }])
    const answer = { input_id: 'i1', answer: true }
    const input = await fetch(`/runs/${runLog.id}/input`, { method: 'POST', body: JSON.stringify(answer) })
    expect(await input.json()).toEqual(answer)
  })

  it('tells gaps again to those who come back', async () => {
    const gap: RecordedEvent = { t: 0.6, event: 'gap', data: { from_seq: 4, to_seq: 6 } }
    const events = [...runLog.events.slice(0, 3), gap, ...runLog.events.slice(6)]
    const { final, requests } = await run({ ...runLog, events }, [{ type: 'cut', afterEvents: 3 }])
    expect(requests).toHaveLength(2)
    expect(final.seq).toEqual({ last: 11, gaps: [{ from: 4, to: 6 }], duplicates: 0 })
  })

  it('says that nothing more comes where the recording breaks off', async () => {
    const broken = { ...runLog, events: runLog.events.slice(0, 6), end: 'error' as const }
    const { final, requests } = await run(broken, [])
    expect(requests.map(({ status }) => status)).toEqual([200, 204])
    expect(final.status).toBe('synthetic-done')
  })
})
