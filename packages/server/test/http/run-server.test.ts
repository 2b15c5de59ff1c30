import { describe, expect, it, vi } from 'vitest'

import { type AgentContext, allowAll, createRunServer, memoryLog } from '../../src/index.ts'
import { createReader, deferred, hello, openServer, runIdOf } from './run-server-harness.ts'

describe('a run', () => {
  it('is streamed from run_started to done, numbered densely', async () => {
    const { call } = openServer({ agent: hello })
    const response = await call.start({ message: 'hi' })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(response.headers.get('x-accel-buffering')).toBe('no')
    const reader = createReader(response)
    expect(await reader.toEnd()).toEqual(['run_started', 'token', 'tool_use', 'tool_result', 'token', 'done'])
    expect(reader.messages.map(({ id }) => id)).toEqual(['1', '2', '3', '4', '5', '6'])
    expect(reader.state).toMatchObject({
      runId: runIdOf(response),
      text: 'Hello cats 🐈',
      outcome: 'complete',
      reconciled: true,
    })
  })

  it('gets its input, its owner and an id of 128 random bits', async () => {
    const contexts: AgentContext[] = []
    const { call } = openServer({
      authorize: () => ({ owner: 'ada' }),
      agent: async function* (context) {
        contexts.push(context)
        yield { type: 'token', text: 'x' }
      },
    })
    await createReader(await call.start({ message: 'hi' })).toEnd()
    await createReader(await call.start({ message: 'hi' })).toEnd()
    expect(contexts[0]).toMatchObject({ input: { message: 'hi' }, owner: 'ada' })
    expect(contexts[0]?.runId).toMatch(/^[0-9a-f]{32}$/)
    expect(contexts[0]?.runId).not.toBe(contexts[1]?.runId)
  })

  it('goes on when its reader leaves', async () => {
    const goOn = deferred()
    const { call } = openServer({
      agent: async function* () {
        yield { type: 'token', text: 'before ' }
        await goOn.promise
        yield { type: 'token', text: 'after' }
      },
    })
    const response = await call.start()
    const reader = createReader(response)
    await reader.until(() => reader.state.text === 'before ')
    await reader.cancel()
    goOn.resolve()
    const second = createReader(await call.events(runIdOf(response)))
    await second.toEnd()
    expect(second.state.text).toBe('before after')
  })

  it('is followed from Last-Event-ID, from the query, and from the start', async () => {
    const { call } = openServer({ agent: hello })
    const response = await call.start()
    await createReader(response).toEnd()
    const runId = runIdOf(response)
    const ids = async (answer: Promise<Response>) => {
      const reader = createReader(await answer)
      await reader.toEnd()
      return reader.messages.map(({ id }) => Number(id))
    }
    expect(await ids(call.events(runId))).toEqual([1, 2, 3, 4, 5, 6])
    expect(await ids(call.events(runId, 4))).toEqual([5, 6])
    expect(await ids(call.send('GET', `/runs/${runId}/events?after=5`))).toEqual([6])
    expect((await call.events(runId, 6)).status).toBe(204)
  })

  it('says of a cursor beyond the log that the log was rewound', async () => {
    const { call } = openServer({ agent: hello })
    const response = await call.start()
    await createReader(response).toEnd()
    const answer = await call.events(runIdOf(response), 7)
    expect(answer.status).toBe(409)
    expect(await answer.json()).toMatchObject({ code: 'log_rewound', last_seq: 6 })
  })

  it('serves at its own address the state that a client folds', async () => {
    const { call } = openServer({
      agent: async function* () {
        yield {
          type: 'plan_created',
          steps: [
            { stepId: 's1', title: 'Look' },
            { stepId: 's2', title: 'Say' },
          ],
        }
        yield { type: 'step_started', stepId: 's1' }
        yield { type: 'step_completed', stepId: 's1', status: 'done', durationMs: 3 }
        yield* hello()
        yield { type: 'quality_checked', check: 'citations', passed: true }
      },
    })
    const response = await call.start()
    const reader = createReader(response)
    await reader.until(() => reader.state.steps.length === 2)
    const draft = await call.run(runIdOf(response))
    expect(draft.state.plan).toEqual([
      { stepId: 's1', title: 'Look' },
      { stepId: 's2', title: 'Say' },
    ])
    await reader.toEnd()
    const { state, ...final } = await call.run(runIdOf(response))
    expect(state).toEqual(JSON.parse(JSON.stringify(reader.state)))
    expect(final).toMatchObject({ status: 'ended', outcome: 'complete', last_seq: reader.messages.length })
  })

  it('serves the shared state with its patches applied', async () => {
    const { call } = openServer({
      agent: async function* () {
        yield { type: 'state_snapshot', state: { cart: [] } }
        yield { type: 'state_delta', patch: [{ op: 'add', path: '/cart/-', value: 'tea' }] }
      },
    })
    const response = await call.start()
    await createReader(response).toEnd()
    const { state } = await call.run(runIdOf(response))
    expect(state).toMatchObject({ state: { cart: ['tea'] }, warnings: [], outcome: 'complete' })
  })

  it('that was changed on its way is seen not to be what was sent', async () => {
    const { call } = openServer({ agent: hello })
    const sent = await (await call.start()).text()
    const changes = {
      none: sent,
      'another word': sent.replace('Hello', 'Hullo'),
      'an event less': sent.replace(/id: 3\n.*\n.*\n\n/, ''),
    }
    const reconciled = await Promise.all(
      Object.values(changes).map(async (text) => {
        const reader = createReader(new Response(text))
        await reader.toEnd()
        return reader.state.reconciled
      }),
    )
    expect(reconciled).toEqual([true, false, false])
  })

  it('that throws ends in an error that tells readers nothing of the cause', async () => {
    const { call, errors } = openServer({
      // biome-ignore lint/correctness/useYield: it throws first
      agent: async function* () {
        throw new Error('connect https://user:secret@db.example')
      },
    })
    const reader = createReader(await call.start())
    expect(await reader.toEnd()).toEqual(['run_started', 'error', 'done'])
    expect(reader.state).toMatchObject({
      outcome: 'failed',
      error: { errorType: 'agent_error' },
      reconciled: true,
    })
    expect(JSON.stringify(reader.messages)).not.toContain('secret')
    expect(String(errors[0])).toContain('secret')
  })

  it.each([
    ['nothing', undefined, 'undefined'],
    ['no event', { type: 'tokne', text: 'x' }, 'tokne'],
    ['a field of the wrong type', { type: 'token', text: 3 }, 'text'],
    ['what the server writes', { type: 'run_started', runId: 'x' }, 'run_started'],
  ])('that yields %s fails with the reason for its author', async (_, output, reason) => {
    const { call, errors } = openServer({
      agent: async function* () {
        yield output as never
      },
    })
    const reader = createReader(await call.start())
    await reader.toEnd()
    expect(reader.state.outcome).toBe('failed')
    expect(errors[0]).toBeInstanceOf(TypeError)
    expect(String(errors[0])).toContain(reason)
  })

  it('may write its own done', async () => {
    const { call } = openServer({
      agent: async function* () {
        yield { type: 'token', text: 'x' }
        yield { type: 'done', model: 'm-1', finishReason: 'stop', usage: { inputTokens: 3 } }
      },
    })
    const reader = createReader(await call.start())
    await reader.toEnd()
    expect(reader.state.done).toMatchObject({ model: 'm-1', finishReason: 'stop', usage: { inputTokens: 3 } })
    expect(reader.state.reconciled).toBe(true)
  })

  it('tells its application of its start and its end', async () => {
    const told: unknown[] = []
    const { call } = openServer({
      agent: hello,
      onStart: ({ runId }) => void told.push(['start', runId]),
      onEnd: ({ runId }, state) => void told.push(['end', runId, state.text]),
    })
    const response = await call.start()
    await createReader(response).toEnd()
    await vi.waitFor(() => expect(told).toHaveLength(2))
    expect(told).toEqual([
      ['start', runIdOf(response)],
      ['end', runIdOf(response), 'Hello cats 🐈'],
    ])
  })
})

describe('starting twice', () => {
  it('with the same key and body is one run', async () => {
    let starts = 0
    const { call } = openServer({
      agent: async function* () {
        starts++
        yield* hello()
      },
    })
    const key = { 'Idempotency-Key': 'k1' }
    const [a, b] = await Promise.all([call.start({ n: 1 }, key), call.start({ n: 1 }, key)])
    expect(runIdOf(a)).toBe(runIdOf(b))
    await createReader(a).toEnd()
    const late = await call.start({ n: 1 }, key)
    expect(runIdOf(late)).toBe(runIdOf(a))
    expect(await createReader(late).toEnd()).toContain('done')
    expect(starts).toBe(1)
  })

  it('with the same key and another body is refused', async () => {
    const { call } = openServer({ agent: hello })
    await call.start({ n: 1 }, { 'Idempotency-Key': 'k1' })
    const answer = await call.start({ n: 2 }, { 'Idempotency-Key': 'k1' })
    expect(answer.status).toBe(422)
    expect(await answer.json()).toMatchObject({ code: 'idempotency_conflict' })
  })

  it('by two owners with the same key is two runs', async () => {
    const { call } = openServer({
      agent: hello,
      authorize: (request) => ({ owner: request.headers.get('authorization') ?? '' }),
    })
    const [a, b] = await Promise.all(
      ['ada', 'bob'].map((authorization) => call.start({}, { 'Idempotency-Key': 'k', authorization })),
    )
    expect(runIdOf(a as Response)).not.toBe(runIdOf(b as Response))
  })
})

describe('createRunServer', () => {
  const right = { log: memoryLog(), agent: hello, authorize: allowAll }
  it.each([
    ['no authorize', { authorize: undefined }, /allowAll/],
    ['no agent', { agent: undefined }, /agent/],
    ['no log', { log: undefined }, /log/],
    ['a basePath without a slash', { basePath: 'api' }, /basePath.*"api"/],
    ['an origin with a path', { cors: { origins: ['https://a.example/x'] } }, /origins like/],
    ['no heartbeat', { heartbeatMs: 0 }, /"heartbeatMs" is 0; expected more than 0/],
    ['a lease that is no timer', { leaseMs: Infinity }, /leaseMs of at most 2147483647/],
    ['a limit that is no number', { maxBodyBytes: Number.NaN }, /"maxBodyBytes" is NaN/],
    ['credentials for everyone', { cors: { origins: '*', credentials: true } }, /credentials/],
  ])('refuses %s', (_, wrong, message) => {
    expect(() => createRunServer({ ...right, ...wrong } as never)).toThrow(message)
  })
})

describe('closing', () => {
  it('waits for runs, then ends what cannot be continued', async () => {
    const goOn = deferred()
    const log = memoryLog()
    const { server, call } = openServer({
      log,
      agent: async function* ({ input, signal }) {
        if (input === 'quick') await goOn.promise
        else await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
        yield { type: 'token', text: 'x' }
      },
    })
    const quick = createReader(await call.start('"quick"'))
    const endless = createReader(await call.start('"endless"'))
    const closed = server.close(50)
    expect((await call.start()).status).toBe(429)
    goOn.resolve()
    await closed
    await Promise.all([quick.toEnd(), endless.toEnd()])
    expect(quick.state.outcome).toBe('complete')
    expect(endless.state.error).toMatchObject({ errorType: 'run_lost' })
  })

  it('leaves what can be continued to another process, at once', async () => {
    const log = memoryLog()
    const agent = async function* ({ state, signal }: AgentContext) {
      yield { type: 'token', text: 'x' } as const
      if (state.text === '')
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    }
    const { server, call } = openServer({ log, agent, canContinue: true })
    const response = await call.start()
    const reader = createReader(response)
    await reader.until(() => reader.state.text === 'x')
    await server.close()
    const next = openServer({ log, agent, canContinue: true })
    await reader.toEnd()
    expect(reader.state).toMatchObject({ text: 'xx', outcome: 'complete', reconciled: true })
    await next.server.close()
  })
})
