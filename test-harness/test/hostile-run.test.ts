import { describe, expect, it } from 'vitest'

import {
  type HostileCase,
  type HostileDriver,
  hostileGroups,
  judge,
  type Observed,
  runHostileCase,
  type Shown,
} from '../src/hostile/index.ts'

const nothing: Shown = { outcome: 'complete', text: '', tools: [], hasError: false }
const observed: Observed = {
  ...nothing,
  text: 'Hello',
  requests: 1,
  shortestGapMs: Infinity,
  isOpen: false,
  durationMs: 5,
  memoryMiB: 1,
  unhandled: [],
}

/** A client that says nothing but what its test has it say. */
function driver(run: HostileDriver['run']): HostileDriver {
  return { name: 'test', dialect: 'agent-stream', run }
}

function hostileCase(more: Partial<HostileCase>): HostileCase {
  return { name: 'case', why: '', responses: [{}], expect: [{ outcome: 'complete' }], ...more }
}

describe('the judge', () => {
  it('finds nothing wrong where any of the expectations is met', () => {
    expect(
      judge([{ outcome: 'failed' }, { outcome: ['complete', 'truncated'], text: 'Hello' }], observed),
    ).toEqual([])
  })

  it('says what is wrong of the one that is met best', () => {
    const expectations = [
      { outcome: 'failed', text: 'Hel', requests: 2 },
      { outcome: 'truncated', text: 'Hello' },
    ] as const
    expect(judge(expectations, observed)).toEqual(['ends in "complete" instead of "truncated"'])
  })

  it.each<[string, Partial<Observed>, Parameters<typeof judge>[0][number]]>([
    ['the text is "Hello" instead of "Hel"', {}, { outcome: 'complete', text: 'Hel' }],
    ['the text is "Hello" and does not begin with "x"', {}, { outcome: 'complete', textStart: 'x' }],
    ['the text has 5 characters instead of 6', {}, { outcome: 'complete', textLength: 6 }],
    ['no error is shown', {}, { outcome: 'complete', error: true }],
    ['the gap is not seen', {}, { outcome: 'complete', isGapShown: true }],
    ['1 request instead of 2', {}, { outcome: 'complete', requests: 2 }],
    [
      'asks again after 10 ms instead of 1000',
      { shortestGapMs: 10 },
      { outcome: 'complete', minGapMs: 1000 },
    ],
    ['leaves the connection open', { isOpen: true }, { outcome: 'complete', isClosed: true }],
    ['takes 11000 ms', { durationMs: 11_000 }, { outcome: 'complete' }],
    ['takes 30 ms', { durationMs: 30 }, { outcome: 'complete', withinMs: 20 }],
    ['takes 300 MiB of memory', { memoryMiB: 300 }, { outcome: 'complete', maxMemoryMiB: 256 }],
    ['an unhandled rejection: Error: oops', { unhandled: ['Error: oops'] }, { outcome: 'complete' }],
    [
      'the tools are search running instead of search done',
      { tools: [{ name: 'search', status: 'running' }] },
      { outcome: 'complete', tools: [{ name: 'search', status: 'done' }] },
    ],
    ['the tools are none instead of any done', {}, { outcome: 'complete', tools: [{ status: 'done' }] }],
  ])('%s', (problem, seen, expected) => {
    expect(judge([expected], { ...observed, ...seen })).toEqual([problem])
  })

  it('compares tools in any order, and what they put out', () => {
    const tools = [
      { name: 'read', status: 'done', output: 'a page' },
      { name: 'search', status: 'open' },
    ] as const
    const expected = (output: string) => ({
      outcome: 'complete' as const,
      tools: [
        { name: 'search', status: 'open' },
        { status: 'done', output },
      ] as const,
    })
    expect(judge([expected('a page')], { ...observed, tools })).toEqual([])
    expect(judge([expected('no page')], { ...observed, tools })).toHaveLength(1)
  })
})

describe('a run of a case', () => {
  it('answers each request by its response, the last for all further ones', async () => {
    const texts: string[] = []
    const asking = driver(async ({ url }) => {
      for (let n = 0; n < 3; n++) texts.push(await (await fetch(url, { method: 'POST' })).text())
      return nothing
    })
    const responses = [{ steps: [{ raw: 'first' }] }, { steps: [{ raw: 'then' }] }]
    const result = await runHostileCase(hostileCase({ responses }), asking)
    expect(texts).toEqual(['first', 'then', 'then'])
    expect(result.observed.requests).toBe(3)
    expect(result.problems).toEqual([])
  })

  it('writes messages in the dialect and the framing of the case', async () => {
    let body = ''
    const reading = driver(async ({ url }) => {
      body = await (await fetch(url, { method: 'POST' })).text()
      return nothing
    })
    const steps = [
      { message: 'text', text: 'Hi', id: '7' },
      { message: 'tool-start', id: 'call-1', name: 'search' },
      { data: '[DONE]' },
    ]
    const framing = { lineEnds: ['\r\n', '\n'], colon: ':', isMultiLine: true, comment: 'c' }
    await runHostileCase(hostileCase({ responses: [{ steps: steps.slice(0, 1), framing }] }), reading)
    expect(body).toBe(
      'id:7\r\n: c\nevent:token\r\n: c\ndata:{\r\n: c\ndata: "text": "Hi"\r\n: c\ndata:}\r\n: c\n\r\n',
    )
    await runHostileCase(hostileCase({ responses: [{ steps }] }), reading)
    expect(body).toBe(
      'id: 7\nevent: token\ndata: {"text":"Hi"}\n\n' +
        'event: tool_use\ndata: {"tool_name":"search","tool_use_id":"call-1","status":"running"}\n\n' +
        'data: [DONE]\n\n',
    )
  })

  it('stops as the user does, so long after the answer began', async () => {
    const stopping = driver(async ({ url, signal }) => {
      await fetch(url, { method: 'POST', signal })
        .then((response) => response.text())
        .catch(() => '')
      return { ...nothing, outcome: 'stopped' }
    })
    const endless = hostileCase({
      responses: [{ steps: [{ repeat: 'forever', everyMs: 1, steps: [{ raw: 'x' }] }] }],
      stopAfterMs: 30,
      expect: [{ outcome: 'stopped', isClosed: true, requests: 1 }],
    })
    expect((await runHostileCase(endless, stopping)).problems).toEqual([])
  })

  it('sees a reset, rejections that nobody handles, and clients that throw', async () => {
    const careless = driver(async ({ url }) => {
      const response = await fetch(url, { method: 'POST' })
      void Promise.resolve().then(() => {
        throw new Error('nobody looks')
      })
      await response.text()
      return nothing
    })
    const broken = hostileCase({ responses: [{ steps: [{ raw: 'x' }, { waitMs: 20 }], end: 'reset' }] })
    const caught: unknown[] = []
    const others = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    try {
      const { observed } = await runHostileCase(broken, careless)
      caught.push(observed.outcome, ...observed.unhandled)
    } finally {
      for (const listener of others) process.on('unhandledRejection', listener)
    }
    expect(caught).toEqual(['threw', 'Error: nobody looks'])
  })
})

describe('the cases', () => {
  it('have names of their own, a reason, and something that is expected', () => {
    const all = hostileGroups.flatMap(({ cases }) => cases)
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length)
    for (const { why, expect: expectations } of all) {
      expect(why).not.toBe('')
      expect(expectations.length).toBeGreaterThan(0)
    }
  })
})
