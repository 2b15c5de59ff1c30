import { describe, expect, it, vi } from 'vitest'

import type { AgentEvent, RunError } from '../src/index.ts'
import { answer, broken, done, durable, EVENTS, LOST, setUp, started, token, toolUse } from './harness.ts'

const MINUTE_MS = 60_000

describe('a run that can be resumed', () => {
  it('goes on after a drop with what comes after the last event: nothing doubled, nothing lost', async () => {
    const { start, clock, client, requests, told, statuses } = setUp([
      durable({ body: [started(), token('Hel', 2), token('lo', 3)], end: 'drop' }),
      answer(token(' world', 4)),
    ])
    const result = start()
    await clock.advance(999)
    expect(client.getSnapshot()).toMatchObject({
      status: 'retrying',
      isStreaming: true,
      text: 'Hello',
      retry: { attempt: 1, attempts: Infinity, delayMs: 1000 },
    })
    await clock.advance(1)
    expect(await result).toEqual({ status: 'done', outcome: 'complete', error: null })
    expect(requests[1]).toMatchObject({ url: EVENTS, init: { method: 'GET', cache: 'no-store', body: null } })
    expect(requests[1]?.init.headers).toEqual({ Accept: 'text/event-stream', 'Last-Event-ID': '3' })
    expect(client.getSnapshot()).toMatchObject({
      text: 'Hello world',
      seq: { last: 4, gaps: [], duplicates: 0 },
    })
    expect(told.tokens).toEqual(['Hel', 'lo', ' world'])
    expect(told.restarts).toBe(0)
    expect(told.dones).toHaveLength(1)
    expect(statuses).toEqual(['streaming', 'retrying', 'streaming', 'done'])
  })

  it('goes on after a clean close without done', async () => {
    const { start, clock, requests, client } = setUp([
      durable({ body: [started(), token('a', 2)] }),
      { body: [token('b', 3)] },
      answer(token('c', 4)),
    ])
    const result = start()
    await clock.advance(10_000)
    expect(await result).toMatchObject({ status: 'done' })
    expect(client.getSnapshot().text).toBe('abc')
    expect(requests.map(lastEventId)).toEqual([undefined, '2', '3'])
  })

  it('goes on when three heartbeats are missed, also those announced before the drop', async () => {
    const { start, clock, requests } = setUp([
      durable({ body: [started({ heartbeat_ms: 15_000 }), token('a', 2)], end: 'hang' }),
      { body: [token('b', 3)], end: 'hang' },
      answer(),
    ])
    const result = start()
    await clock.advance(45_000 + 1000)
    expect(requests.map(lastEventId)).toEqual([undefined, '2'])
    await clock.advance(45_000 + 1000)
    expect(await result).toMatchObject({ status: 'done' })
    expect(requests.map(({ atMs }) => atMs)).toEqual([0, 46_000, 92_000])
    expect(requests.map(lastEventId)).toEqual([undefined, '2', '3'])
  })

  it('goes on though a tool had started, and with resume-only: nothing is repeated', async () => {
    const { start, clock, requests, client } = setUp(
      [durable({ body: [started(), toolUse('t1', 2)], end: 'drop' }), answer(token('a', 3))],
      { retry: { onDrop: 'resume-only' } },
    )
    start()
    await clock.advance(1000)
    expect(requests.map(({ init }) => init.method)).toEqual(['POST', 'GET'])
    expect(client.getSnapshot()).toMatchObject({ text: 'a', tools: [{ id: 't1' }] })
  })

  it('keeps publishing in batches, and tells each event once, also what came but was not published', async () => {
    const slow = [token('b', 3), { waitMs: 1 }, token('c', 4), { waitMs: 1 }]
    const { client, clock, callbacks, told, flushes } = setUp(
      [
        durable({ body: [started(), token('a', 2), { waitMs: 1 }, ...slow], end: 'drop' }),
        {
          body: [
            token('d', 5),
            { waitMs: 1 },
            token('e', 6),
            { waitMs: 1 },
            token('f', 7),
            { waitMs: 100 },
            done({}, 8),
          ],
        },
      ],
      { batch: { ms: 50 } },
    )
    const events: string[] = []
    void client.start('/chat', {}, { ...callbacks, onEvent: ({ type }) => events.push(type) })
    await clock.advance(1003)
    expect(client.getSnapshot().text).toBe('abcd')
    expect(told.tokens).toEqual(['a', 'b', 'c', 'd'])
    await clock.advance(10)
    expect(told.tokens.join('')).toBe('abcdef')
    expect(client.getSnapshot().text).toBe('abcd')
    await clock.advance(50)
    expect(client.getSnapshot().text).toBe('abcdef')
    await clock.advance(100)
    expect(events).toEqual(['run_started', ...Array<string>(6).fill('token'), 'done'])
    expect(flushes.map(({ reason }) => reason)).toContain('interval')
  })

  it('keeps what had come but was not published when only the clock notices the drop', async () => {
    const { start, clock, client, requests, told } = setUp(
      [
        durable({ body: [started(), token('a', 2), { waitMs: 1 }, token('b', 3)], end: 'hang' }),
        answer(token('c', 4)),
      ],
      { batch: { ms: 5000 }, idleTimeoutMs: 2000 },
    )
    start()
    await clock.advance(5000)
    expect(lastEventId(requests[1])).toBe('3')
    expect(client.getSnapshot()).toMatchObject({ status: 'done', text: 'abc' })
    expect(told.tokens).toEqual(['a', 'b', 'c'])
  })

  it('tells nobody of duplicates, events or other frames', async () => {
    const ping = 'id: 3\nevent: ping\ndata: {}\n\n'
    const { client, clock, callbacks, told } = setUp([
      durable({ body: [started(), token('a', 2), ping], end: 'drop' }),
      answer(started(), token('a', 2), ping, token('b', 4)),
    ])
    const warnings: string[] = []
    void client.start('/chat', {}, { ...callbacks, onWarning: ({ code }) => warnings.push(code) })
    await clock.advance(1000)
    expect(told.tokens).toEqual(['a', 'b'])
    expect(warnings).toEqual(['unknown_event'])
    expect(client.getSnapshot()).toMatchObject({
      text: 'ab',
      warningCount: 1,
      seq: { last: 4, duplicates: 3 },
    })
  })

  it('does not double a run whose numbers are missing: it is told from its beginning', async () => {
    const unnumbered = 'event: run_started\ndata: {"run_id":"r1"}\n\n'
    const { start, clock, client, requests, told } = setUp([
      durable({ body: [unnumbered, token('a')], end: 'drop' }),
      answer(unnumbered, token('a'), token('b')),
    ])
    start()
    await clock.advance(1000)
    expect(requests[1]?.init.method).toBe('GET')
    expect(lastEventId(requests[1])).toBeUndefined()
    expect(client.getSnapshot()).toMatchObject({ status: 'done', text: 'ab' })
    expect(told.restarts).toBe(1)
  })

  it('is reconciled over all of its pieces, and keeps its questions', async () => {
    const question = (id: number) =>
      `id: ${id}\nevent: input_required\ndata: {"input_id":"i1","kind":"approval","message":"Send?"}\n\n`
    const { start, clock, client } = setUp([
      durable({ body: [started(), token('Hel', 2), question(3)], end: 'drop' }),
      { body: [token('lo', 4)], end: 'drop' },
      {
        body: [
          { waitMs: 500 },
          'id: 5\nevent: input_received\ndata: {"input_id":"i1","answer":true}\n\n',
          done({ final: { event_count: 5, text_chars: 5, text_hash: 'f7d18982' } }, 6),
        ],
      },
    ])
    start()
    await clock.advance(2000)
    expect(client.getSnapshot().pendingInputs).toMatchObject([{ inputId: 'i1', message: 'Send?' }])
    await clock.advance(1000)
    expect(client.getSnapshot()).toMatchObject({
      status: 'done',
      text: 'Hello',
      pendingInputs: [],
      reconciled: true,
    })
  })

  it('is one only from run_started on: before it, the request is repeated', async () => {
    const { start, clock, requests } = setUp([durable({ body: [], end: 'drop' }), answer(token('a'))])
    start()
    await clock.advance(1000)
    expect(requests.map(({ init }) => init.method)).toEqual(['POST', 'POST'])
  })

  it('is none for a server that does not say where its events are', async () => {
    const { start, clock, requests } = setUp([broken(started(), token('a', 2)), answer(token('a'))])
    start()
    await clock.advance(1000)
    expect(requests.map(({ init }) => init.method)).toEqual(['POST', 'POST'])
  })
})

describe('resuming takes its time, but not for ever', () => {
  const first = durable({ body: [started(), token('kept', 2)], end: 'drop' })

  it('waits longer from try to try, 30 s at most', async () => {
    const { start, clock, requests } = setUp([first, ...Array(20).fill(LOST)], { random: () => 0.999 })
    start()
    await clock.advance(4 * MINUTE_MS)
    const waits = requests.map(({ atMs }, n) => atMs - (requests[n - 1]?.atMs ?? 0)).slice(1)
    expect(waits.map((ms) => Math.round(ms / 100) / 10)).toEqual([
      1.2, 2.5, 5, 10, 20, 30, 30, 30, 30, 30, 30,
    ])
  })

  it('ends in error after 5 minutes without progress, with what had arrived', async () => {
    const { start, clock, requests, client, told } = setUp([first, ...Array(40).fill(LOST)])
    const result = start()
    await clock.advance(5 * MINUTE_MS - 1)
    expect(client.getSnapshot()).toMatchObject({ status: 'retrying', text: 'kept' })
    await clock.advance(MINUTE_MS)
    expect(await result).toMatchObject({
      status: 'error',
      outcome: 'failed',
      error: { errorType: 'network_error' },
    })
    expect(client.getSnapshot().text).toBe('kept')
    expect(told.dones).toHaveLength(1)
    const { length } = requests
    await clock.advance(10 * MINUTE_MS)
    expect(requests).toHaveLength(length)
    expect(clock.pendingCount).toBe(0)
  })

  it('counts from the first drop after an event that is new: not a 200, not the same event again', async () => {
    const same = { body: [token('kept', 2)] }
    const { start, clock, client } = setUp([first, ...Array(60).fill(same)], {
      retry: { resumeForMs: 20_000 },
    })
    start()
    await clock.advance(60_000)
    expect(client.getSnapshot()).toMatchObject({ status: 'error', text: 'kept' })

    const better = Array.from({ length: 60 }, (_, n) => ({ body: [token('.', n + 3)] }))
    const slow = setUp([first, ...better, answer()], { retry: { resumeForMs: 20_000 } })
    const result = slow.start()
    await slow.clock.advance(90_000)
    expect(await result).toMatchObject({ status: 'done' })
    expect(slow.requests.map(({ atMs }) => atMs)).toEqual(slow.requests.map((_, n) => n * 1000))
  })

  it('does not count against a run that thinks for long over connections that hold', async () => {
    const beat = [{ waitMs: 15_000 }, ': heartbeat\n\n']
    const minute = { body: [...beat, ...beat, ...beat] }
    const { start, clock } = setUp([first, ...Array(10).fill(minute), answer(token('!', 3))])
    const result = start()
    await clock.advance(10 * MINUTE_MS)
    expect(await result).toMatchObject({ status: 'done' })
  })

  it('takes resumeForMs instead of 5 minutes; with 0, not at all', async () => {
    const short = setUp([first, ...Array(9).fill(LOST)], { retry: { resumeForMs: 5000 } })
    short.start()
    await short.clock.advance(10_000)
    expect(short.client.getSnapshot().status).toBe('error')
    const none = setUp([first, answer()], { retry: { resumeForMs: 0 } })
    none.start()
    await none.clock.advance(10_000)
    expect(none.client.getSnapshot()).toMatchObject({ status: 'error', text: 'kept' })
    expect(none.requests).toHaveLength(1)
  })
})

describe('the answers to a resumed request', () => {
  const first = durable({ body: [started(), token('a', 2)], end: 'drop' })

  it.each([408, 429, 500, 503])('%i is tried again, with Retry-After as the floor', async (status) => {
    const { start, clock, requests } = setUp([
      first,
      { status, headers: { 'retry-after': '20' } },
      answer(token('b', 3)),
    ])
    const result = start()
    await clock.advance(60_000)
    expect(await result).toMatchObject({ status: 'done' })
    expect(requests.map(({ atMs }) => atMs)).toEqual([0, 1000, 21_000])
    expect(requests.map(lastEventId)).toEqual([undefined, '2', '2'])
  })

  it.each([400, 403, 404, 409, 410])('%i is final, and what had arrived stays', async (status) => {
    const { start, clock, requests, client } = setUp([
      first,
      {
        status,
        headers: { 'content-type': 'application/json' },
        body: ['{"code":"unknown_run","message":"Gone"}'],
      },
      answer(),
    ])
    const result = start()
    await clock.advance(60_000)
    expect(await result).toMatchObject({
      status: 'error',
      error: { errorType: 'http_error', message: 'Gone', status },
    })
    expect(requests).toHaveLength(2)
    expect(client.getSnapshot().text).toBe('a')
  })

  it('204 says that nothing more comes: the stream has ended without done', async () => {
    const onSyntheticDone = vi.fn()
    const { start, clock, requests, client, told } = setUp([first, { status: 204 }, answer()], {
      onSyntheticDone,
    })
    const result = start()
    await clock.advance(60_000)
    expect(await result).toMatchObject({ status: 'synthetic-done', outcome: 'truncated' })
    expect(requests).toHaveLength(2)
    expect(client.getSnapshot().text).toBe('a')
    expect(told.dones).toEqual([expect.objectContaining({ isSynthetic: true })])
    expect(onSyntheticDone).toHaveBeenCalledWith(expect.objectContaining({ reason: 'closed', runId: 'r1' }))
  })

  it('204 after an error was the last word ends in error', async () => {
    const error = 'id: 2\nevent: error\ndata: {"error_type":"x","message":"broke"}\n\n'
    const { start, clock } = setUp([durable({ body: [started(), error] }), { status: 204 }])
    const result = start()
    await clock.advance(60_000)
    expect(await result).toMatchObject({ status: 'error', error: { errorType: 'x' } })
  })

  it('401 has the token asked for once more, and each attempt asks anew', async () => {
    let count = 0
    const { start, clock, requests } = setUp([first, LOST, { status: 401 }, answer(token('b', 3))], {
      getToken: () => `t${++count}`,
    })
    const result = start()
    await clock.advance(10_000)
    expect(await result).toMatchObject({ status: 'done' })
    expect(requests.map(({ init }) => (init.headers as Record<string, string>).Authorization)).toEqual([
      'Bearer t1',
      'Bearer t2',
      'Bearer t3',
      'Bearer t4',
    ])
    const refused = setUp([first, { status: 401 }, { status: 401 }, answer()], { getToken: () => 't' })
    const other = refused.start()
    await refused.clock.advance(10_000)
    expect(await other).toMatchObject({ status: 'error', error: { errorType: 'http_error', status: 401 } })
  })
})

describe('409 log_rewound: the log has lost events that were shown', () => {
  const first = durable({ body: [started(), token('old', 2), token(' text', 3)], end: 'drop' })
  const rewound = {
    status: 409,
    headers: { 'content-type': 'application/json' },
    body: ['{"code":"log_rewound","message":"The log ends at 2"}'],
  }

  it('has the run asked for from its beginning: never text on text', async () => {
    const { start, clock, client, requests, told } = setUp([
      first,
      rewound,
      {
        body: [{ waitMs: 500 }, started(), token('new', 2), { waitMs: 100 }, token(' text', 3), done({}, 4)],
      },
    ])
    const seen = new Set<string>()
    client.subscribe(() => seen.add(client.getSnapshot().text))
    const result = start()
    await clock.advance(1499)
    expect(client.getSnapshot()).toMatchObject({ status: 'streaming', text: 'old text' })
    expect(told.restarts).toBe(0)
    await clock.advance(1000)
    expect(await result).toMatchObject({ status: 'done' })
    expect(requests.map(lastEventId)).toEqual([undefined, '3', undefined])
    expect([...seen].filter((text) => text !== '')).toEqual(['old', 'old text', 'new', 'new text'])
    expect(told.restarts).toBe(1)
    expect(told.tokens).toEqual(['old', ' text', 'new', ' text'])
  })

  it('is final when it is the answer to a request from the beginning', async () => {
    const { start, clock, requests, client } = setUp([first, rewound, rewound, answer()])
    const result = start()
    await clock.advance(60_000)
    expect(await result).toMatchObject({ status: 'error', error: { errorType: 'http_error', status: 409 } })
    expect(requests).toHaveLength(3)
    expect(client.getSnapshot().text).toBe('old text')
  })

  it('is bounded in time when it comes again and again', async () => {
    const again = { body: [started(), token('old', 2)], end: 'drop' } as const
    const { start, clock, client } = setUp([first, ...Array(200).fill([rewound, again]).flat()])
    start()
    await clock.advance(6 * MINUTE_MS)
    expect(client.getSnapshot().status).toBe('error')
  })
})

describe('the browser comes back', () => {
  const first = durable({ body: [started(), token('a', 2)], end: 'drop' })

  /** A page's events, where there are none. */
  function page() {
    const target = new EventTarget()
    const document = Object.assign(new EventTarget(), { hidden: false, baseURI: 'https://page.example/' })
    const added: string[] = []
    const listenOn = (to: EventTarget): Pick<EventTarget, 'addEventListener' | 'removeEventListener'> => ({
      addEventListener(type, listener) {
        added.push(type)
        EventTarget.prototype.addEventListener.call(to, type, listener)
      },
      removeEventListener(type, listener) {
        added.splice(added.indexOf(type), 1)
        EventTarget.prototype.removeEventListener.call(to, type, listener)
      },
    })
    Object.assign(document, listenOn(document))
    for (const [name, listen] of Object.entries(listenOn(target))) vi.stubGlobal(name, listen)
    vi.stubGlobal('document', document)
    vi.stubGlobal('origin', 'https://page.example')
    return { target, document, added }
  }

  it.each(['online', 'visible'])('and is %s: the run is resumed at once', async (how) => {
    const { target, document } = page()
    try {
      const { start, clock, requests } = setUp([first, LOST, LOST, LOST, LOST, answer(token('b', 3))])
      const result = start()
      await clock.advance(20_000)
      expect(requests).toHaveLength(5)
      document.hidden = true
      document.dispatchEvent(new Event('visibilitychange'))
      await clock.advance(0)
      expect(requests).toHaveLength(5)
      document.hidden = false
      if (how === 'online') target.dispatchEvent(new Event('online'))
      else document.dispatchEvent(new Event('visibilitychange'))
      await clock.advance(0)
      expect(requests.at(-1)?.atMs).toBe(20_000)
      expect(await result).toMatchObject({ status: 'done' })
    } finally {
      vi.unstubAllGlobals()
    }
  })

  it('is listened for only while a retry is waited for', async () => {
    const { added } = page()
    try {
      const { start, clock, client } = setUp([first, LOST, { body: [token('b', 3)], end: 'hang' }])
      expect(added).toEqual([])
      start()
      await clock.advance(500)
      expect(added.sort()).toEqual(['online', 'visibilitychange'])
      await clock.advance(3000)
      expect(client.getSnapshot().text).toBe('ab')
      expect(added).toEqual([])
    } finally {
      vi.unstubAllGlobals()
    }
  })

  it('does not hasten what the server asked to wait for, nor a request that is repeated', async () => {
    const { target } = page()
    try {
      const asked = setUp([first, { status: 503, headers: { 'retry-after': '30' } }, answer()])
      void asked.start()
      await asked.clock.advance(2000)
      target.dispatchEvent(new Event('online'))
      await asked.clock.advance(1000)
      expect(asked.requests).toHaveLength(2)
      asked.client.detach()

      const repeated = setUp([LOST, answer()])
      void repeated.start()
      await repeated.clock.advance(100)
      target.dispatchEvent(new Event('online'))
      await repeated.clock.advance(100)
      expect(repeated.requests).toHaveLength(1)
      repeated.client.detach()
    } finally {
      vi.unstubAllGlobals()
    }
  })
})

describe('resume(runId): after a reload', () => {
  it('follows the run from its first event', async () => {
    const { client, clock, requests, callbacks, told } = setUp([answer(started(), token('all', 2))], {
      baseUrl: 'https://api.example',
      getToken: () => 'secret',
    })
    const events: AgentEvent['type'][] = []
    const result = client.resume('r/1', { ...callbacks, onEvent: ({ type }) => events.push(type) })
    expect(client.getSnapshot()).toMatchObject({ status: 'streaming', text: '' })
    await clock.advance(0)
    expect(await result).toMatchObject({ status: 'done', outcome: 'complete' })
    expect(requests[0]).toMatchObject({
      url: 'https://api.example/runs/r%2F1/events',
      init: { method: 'GET' },
    })
    expect(requests[0]?.init.headers).toEqual({ Accept: 'text/event-stream', Authorization: 'Bearer secret' })
    expect(events).toEqual(['run_started', 'token', 'done'])
    expect(told).toMatchObject({ tokens: ['all'], restarts: 0 })
  })

  it('asks where eventsUrl says', async () => {
    const { client, clock, requests } = setUp([answer()], {
      baseUrl: 'https://api.example/v1',
      eventsUrl: (runId) => `/streams/${runId}?full=1`,
    })
    void client.resume('r1')
    await clock.advance(0)
    expect(requests[0]?.url).toBe('https://api.example/v1/streams/r1?full=1')
  })

  it('is tried for as long as a drop is, from the first request on, and then goes on where it was', async () => {
    const { client, clock, requests, callbacks, told } = setUp([
      LOST,
      { status: 503 },
      { body: [started(), token('a', 2)], end: 'drop' },
      answer(token('b', 3)),
    ])
    const result = client.resume('r1', callbacks)
    await clock.advance(20_000)
    expect(await result).toMatchObject({ status: 'done' })
    expect(requests.map(lastEventId)).toEqual([undefined, undefined, undefined, '2'])
    expect(told.tokens).toEqual(['a', 'b'])
  })

  it('ends in error for a run that is not there', async () => {
    const { client, clock, requests, callbacks, told } = setUp([{ status: 404 }, answer()])
    const result = client.resume('r1', callbacks)
    await clock.advance(60_000)
    expect(await result).toMatchObject({ status: 'error', error: { errorType: 'http_error', status: 404 } })
    expect(requests).toHaveLength(1)
    expect(told.dones).toHaveLength(1)
  })

  it('leaves what was watched before to go on, the same run too', async () => {
    const { start, client, clock, requests } = setUp([
      durable({ body: [started(), token('a', 2)], end: 'hang' }),
      answer(started(), token('a', 2), token('b', 3)),
    ])
    const first = start()
    await clock.advance(0)
    const second = client.resume('r1')
    expect(await first).toMatchObject({ status: 'stopped' })
    await clock.advance(0)
    expect(await second).toMatchObject({ status: 'done' })
    expect(client.getSnapshot().text).toBe('ab')
    expect(requests.map(({ init }) => init.method)).toEqual(['POST', 'GET'])
  })

  it('rejects with a TypeError what is no run, and where no URL can be made', async () => {
    const { client, requests } = setUp([])
    for (const runId of ['', '.', '..', undefined, 7] as string[]) {
      await expect(client.resume(runId)).rejects.toThrow(/resume\(runId\)/)
    }
    expect(requests).toHaveLength(0)
    const { AgentStreamClient } = await import('../src/index.ts')
    await expect(new AgentStreamClient().resume('r1')).rejects.toThrow(/baseUrl/)
  })

  it('reads errors of the agent like any other run', async () => {
    const error = 'id: 2\nevent: error\ndata: {"error_type":"run_lost","message":"The server died"}\n\n'
    const { client, clock } = setUp([{ body: [started(), error, done({ is_error: true }, 3)] }])
    const errors: RunError[] = []
    const result = client.resume('r1', { onError: (told) => errors.push(told) })
    await clock.advance(0)
    expect(await result).toMatchObject({
      status: 'error',
      outcome: 'failed',
      error: { errorType: 'run_lost' },
    })
    expect(errors).toHaveLength(1)
  })
})

function lastEventId(request: { readonly init: RequestInit } | undefined): string | undefined {
  return (request?.init.headers as Record<string, string> | undefined)?.['Last-Event-ID']
}
