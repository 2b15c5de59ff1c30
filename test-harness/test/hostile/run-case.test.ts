import { describe, expect, it } from 'vitest'

import { type HostileCase, type HostileDriver, runHostileCase, type Shown } from '../../src/hostile/index.ts'

const nothing: Shown = { outcome: 'complete', text: '', tools: [], hasError: false }

/** A client that says nothing but what its test has it say. */
function driver(run: HostileDriver['run']): HostileDriver {
  return { name: 'test', dialect: 'agent-stream', run }
}

function hostileCase(more: Partial<HostileCase>): HostileCase {
  return { name: 'case', why: '', responses: [{}], expect: [{ outcome: 'complete' }], ...more }
}

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
