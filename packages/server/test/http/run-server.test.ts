import { setImmediate } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'

import {
  type Agent,
  type AgentContext,
  allowAll,
  createRunServer,
  type Grant,
  InputExpired,
  LogError,
  memoryLog,
} from '../../src/index.ts'
import { caller, createReader, deferred, openServer, record, runIdOf } from './run-server-harness.ts'

afterEach(() => vi.useRealTimers())

async function* hello() {
  yield { type: 'token', text: 'Hello' } as const
  yield { type: 'tool_use', toolName: 'search', toolUseId: 't1', input: { q: 'cats' } } as const
  yield { type: 'tool_result', toolName: 'search', toolUseId: 't1', output: [1] } as const
  yield { type: 'token', text: ' cats 🐈' } as const
}

async function* endless({ signal }: AgentContext) {
  yield { type: 'token', text: 'x' } as const
  await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
}

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

describe('a question', () => {
  const asking = (options: Parameters<AgentContext['requestInput']>[0] = {}) =>
    async function* (context: AgentContext) {
      const answer = await context.requestInput({
        kind: 'approval',
        message: 'Send?',
        inputId: 'q1',
        ...options,
      })
      yield { type: 'token', text: `answer: ${JSON.stringify(answer)}` } as const
    }

  async function asked(agent: Agent = asking()) {
    const opened = openServer({ agent })
    const response = await opened.call.start()
    const reader = createReader(response)
    await reader.until(() => reader.state.pendingInputs.length === 1)
    const runId = runIdOf(response)
    const answer = (body: unknown) => opened.call.send('POST', `/runs/${runId}/input`, body)
    return { ...opened, reader, runId, answer }
  }

  it('waits for its answer, and the stream shows both', async () => {
    const { reader, answer } = await asked()
    expect(reader.state.pendingInputs[0]).toMatchObject({ inputId: 'q1', kind: 'approval', message: 'Send?' })
    expect((await answer({ input_id: 'q1', answer: { ok: true, by: 'ada' } })).status).toBe(200)
    await reader.toEnd()
    expect(reader.state.pendingInputs).toEqual([])
    expect(reader.state.text).toBe('answer: {"ok":true,"by":"ada"}')
  })

  it('takes the same answer again, and no other', async () => {
    const { reader, answer } = await asked()
    await answer({ input_id: 'q1', answer: { ok: true, by: 'ada' } })
    await reader.toEnd()
    expect((await answer({ input_id: 'q1', answer: { by: 'ada', ok: true } })).status).toBe(200)
    const other = await answer({ input_id: 'q1', answer: { ok: false } })
    expect(other.status).toBe(409)
    expect(await other.json()).toMatchObject({ code: 'input_answered', answer: { ok: true, by: 'ada' } })
  })

  it('that was never asked is unknown', async () => {
    const { answer } = await asked()
    const response = await answer({ input_id: 'q2', answer: 1 })
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ code: 'unknown_input' })
  })

  it.each([
    {},
    { input_id: '' },
    { input_id: 3, answer: 1 },
    { input_id: 'q1' },
    { input_id: 'x'.repeat(600), answer: 1 },
  ])('is not answered by %j', async (body) => {
    const { answer } = await asked()
    expect((await answer(body)).status).toBe(400)
  })

  it.each(['', 'x'.repeat(513)])(
    'of an id that nobody could name is the agent’s mistake',
    async (inputId) => {
      const { call, errors } = openServer({
        agent: async function* ({ requestInput }) {
          yield { type: 'token', text: String(await requestInput({ inputId })) }
        },
      })
      await createReader(await call.start()).toEnd()
      expect(String(errors[0])).toMatch(/"inputId" of 1 to 512 characters/)
    },
  )

  it('expires for the agent, for the readers and for late answers', async () => {
    const expired: unknown[] = []
    const { reader, answer } = await asked(async function* (context) {
      await context.requestInput({ inputId: 'q1', expiresInMs: 30 }).catch((error) => expired.push(error))
      yield { type: 'token', text: 'too late' }
    })
    expect(reader.state.pendingInputs[0]?.expiresAt).toMatch(/^\d{4}-/)
    await reader.toEnd()
    expect(expired[0]).toBeInstanceOf(InputExpired)
    expect(reader.state.pendingInputs).toEqual([])
    const late = await answer({ input_id: 'q1', answer: 1 })
    expect(late.status).toBe(410)
    expect(await late.json()).toMatchObject({ code: 'input_expired' })
  })

  it('is answered when the hint is lost', async () => {
    const log = memoryLog()
    const { call } = openServer({ agent: asking(), log: { ...log, onIntent: () => () => undefined } })
    const response = await call.start()
    const reader = createReader(response)
    await reader.until(() => reader.state.pendingInputs.length === 1)
    await call.send('POST', `/runs/${runIdOf(response)}/input`, { input_id: 'q1', answer: 'yes' })
    await reader.toEnd()
    expect(reader.state.text).toBe('answer: "yes"')
  })

  it('of a run that was cancelled has nobody to wait for', async () => {
    const { reader, call, runId, answer } = await asked()
    await call.send('POST', `/runs/${runId}/cancel`, {})
    await reader.toEnd()
    expect(reader.state.outcome).toBe('stopped')
    expect((await answer({ input_id: 'q1', answer: 1 })).status).toBe(409)
  })
})

describe('cancelling', () => {
  it('aborts the agent and ends the run as stopped, however often', async () => {
    let reason: unknown
    const { call, errors } = openServer({
      agent: async function* ({ signal }) {
        yield { type: 'token', text: 'x' }
        await new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            reason = signal.reason
            reject(signal.reason)
          })
        })
      },
    })
    const response = await call.start()
    const reader = createReader(response)
    await reader.until(() => reader.state.text === 'x')
    const cancel = () => call.send('POST', `/runs/${runIdOf(response)}/cancel`, {})
    expect((await cancel()).status).toBe(202)
    expect((await cancel()).status).toBe(202)
    await reader.toEnd()
    expect(reader.state).toMatchObject({ outcome: 'stopped', reconciled: true })
    expect(reason).toMatchObject({ name: 'AbortError' })
    expect((await cancel()).status).toBe(200)
    expect(errors).toEqual([])
  })

  it('ends a run whose agent does not listen, after a while', async () => {
    const { call } = openServer({
      agent: async function* () {
        yield { type: 'token', text: 'x' }
        await new Promise(() => undefined)
      },
    })
    const response = await call.start()
    const reader = createReader(response)
    await reader.until(() => reader.state.text === 'x')
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await call.send('POST', `/runs/${runIdOf(response)}/cancel`, {})
    await setImmediate()
    await vi.advanceTimersByTimeAsync(5000)
    await reader.toEnd()
    expect(reader.state.outcome).toBe('stopped')
  })

  it('of ever more tool calls is refused at some point', async () => {
    const { call } = openServer({ agent: endless })
    const runId = runIdOf(await call.start())
    const log = Array.from({ length: 1000 }, (_, n) =>
      call.send('POST', `/runs/${runId}/cancel`, { tool_use_id: `t${n}` }),
    )
    expect((await Promise.all(log)).every(({ status }) => status === 202)).toBe(true)
    const refused = await call.send('POST', `/runs/${runId}/cancel`, { tool_use_id: 'one more' })
    expect(refused.status).toBe(429)
    expect((await call.send('POST', `/runs/${runId}/cancel`, {})).status).toBe(202)
  })

  it('of one tool call aborts its signal only', async () => {
    const { call } = openServer({
      agent: async function* ({ toolSignal, signal }) {
        yield { type: 'tool_use', toolName: 'crawl', toolUseId: 't1' }
        const tool = toolSignal('t1')
        await new Promise((resolve) => tool.addEventListener('abort', resolve))
        yield { type: 'tool_result', toolName: 'crawl', toolUseId: 't1', status: 'error' }
        yield { type: 'token', text: `run aborted: ${signal.aborted}` }
      },
    })
    const response = await call.start()
    const reader = createReader(response)
    await reader.until(() => reader.state.activeTools.length === 1)
    await call.send('POST', `/runs/${runIdOf(response)}/cancel`, { tool_use_id: 't1' })
    await reader.toEnd()
    expect(reader.state).toMatchObject({ outcome: 'complete', text: 'run aborted: false' })
  })
})

describe('a run whose process died', () => {
  /** A server that dies, as far as the log can tell: nothing of it reaches the log any more. */
  async function crashed(
    agent: Parameters<typeof openServer>[0]['agent'],
    isReached: (text: string) => boolean,
  ) {
    let nowMs = Date.now()
    const log = memoryLog({ now: () => nowMs })
    let isDead = false
    const guarded = new Proxy(log, {
      get: (target, name: keyof typeof log) =>
        name === 'append' || name === 'renew' || name === 'claim' || name === 'release'
          ? (...args: never[]) =>
              isDead ? new Promise(() => undefined) : (target[name] as (...a: never[]) => unknown)(...args)
          : target[name],
    })
    const { call } = openServer({ log: guarded, agent })
    const response = await call.start({ n: 1 })
    const reader = createReader(response)
    await reader.until(() => isReached(reader.state.text))
    isDead = true
    nowMs += 16_000
    return { log, runId: runIdOf(response), last: reader.state.seq.last }
  }

  async function* slow(context: AgentContext) {
    yield { type: 'token', text: context.state.text === '' ? 'one ' : 'two' } as const
    if (context.state.text === '') await new Promise(() => undefined)
  }

  it('is ended as lost by another process, and its hooks are called', async () => {
    const { log, runId } = await crashed(slow, (text) => text === 'one ')
    const ended = deferred<string>()
    const { call } = openServer({ log, agent: slow, onEnd: (run) => ended.resolve(run.runId) })
    const reader = createReader(await call.events(runId))
    await reader.toEnd()
    expect(reader.state).toMatchObject({
      outcome: 'failed',
      error: { errorType: 'run_lost' },
      text: 'one ',
      reconciled: true,
    })
    expect(await ended.promise).toBe(runId)
  })

  it('is continued by an agent that can, from what the log holds', async () => {
    const { log, runId } = await crashed(slow, (text) => text === 'one ')
    const { call } = openServer({ log, agent: slow, canContinue: true })
    const reader = createReader(await call.events(runId))
    await reader.toEnd()
    expect(reader.state).toMatchObject({ outcome: 'complete', text: 'one two', reconciled: true })
    expect(reader.messages.map(({ event }) => event)).toEqual(['run_started', 'token', 'token', 'done'])
  })

  it('that was cancelled meanwhile is ended as stopped', async () => {
    const { log, runId } = await crashed(slow, (text) => text === 'one ')
    await log.putIntent(runId, 'cancel', 'true')
    const { call } = openServer({ log, agent: slow, canContinue: true })
    const reader = createReader(await call.events(runId))
    await reader.toEnd()
    expect(reader.state.outcome).toBe('stopped')
  })

  it('gives a continued agent the answers that it had, and asks nothing twice', async () => {
    const agent = async function* (context: AgentContext) {
      if (context.state.text === '') {
        const answer = await context.requestInput({ message: 'Go?' })
        yield { type: 'token', text: `${answer} ` } as const
        await new Promise(() => undefined)
      }
      yield { type: 'token', text: `again ${await context.requestInput({ message: 'Go?' })}` } as const
    }
    let nowMs = Date.now()
    const log = memoryLog({ now: () => nowMs })
    const first = openServer({ log: { ...log, renew: () => new Promise(() => undefined) }, agent })
    const response = await first.call.start()
    const reader = createReader(response)
    await reader.until(() => reader.state.pendingInputs.length === 1)
    const runId = runIdOf(response)
    await first.call.send('POST', `/runs/${runId}/input`, { input_id: 'input-1', answer: 'yes' })
    await reader.until(() => reader.state.text === 'yes ')
    nowMs += 16_000
    const second = openServer({ log, agent, canContinue: true })
    const rest = createReader(await second.call.events(runId))
    expect(await rest.toEnd()).toEqual([
      'run_started',
      'input_required',
      'input_received',
      'token',
      'token',
      'done',
    ])
    expect(rest.state.text).toBe('yes again yes')
  })

  it('is not started for ever by an agent that adds nothing', async () => {
    const { log, runId, last } = await crashed(slow, (text) => text === 'one ')
    for (let epoch = 1; epoch <= 5; epoch++) {
      const lease = await log.claim(runId, 1)
      await log.putIntent(runId, `start:${lease?.epoch}`, String(last))
      if (lease) await log.release(lease, false)
    }
    const { call } = openServer({ log, agent: slow, canContinue: true })
    const reader = createReader(await call.events(runId))
    await reader.toEnd()
    expect(reader.state.error).toMatchObject({ errorType: 'run_lost' })
  })

  it('calls an end hook again that failed', async () => {
    const log = memoryLog()
    let calls = 0
    const server = createRunServer({
      log,
      authorize: allowAll,
      agent: hello,
      leaseMs: 30,
      onError: () => undefined,
      onEnd: () => {
        if (++calls < 3) throw new Error('database away')
      },
    })
    await createReader(await caller(server).start()).toEnd()
    await vi.waitFor(() => expect(calls).toBe(3))
    await vi.waitFor(async () => expect(await log.claimable()).toEqual([]))
    await server.close()
  })

  it('that comes back writes nothing more, and its agent is told', async () => {
    let nowMs = Date.now()
    const log = memoryLog({ now: () => nowMs })
    const goOn = deferred()
    let signal: AbortSignal | undefined
    const { call, errors } = openServer({
      log: { ...log, renew: async () => [] },
      agent: async function* (context) {
        signal = context.signal
        yield { type: 'token', text: 'one ' }
        await goOn.promise
        yield { type: 'tool_use', toolName: 'late' }
      },
    })
    const response = await call.start()
    const reader = createReader(response)
    await reader.until(() => reader.state.text === 'one ')
    nowMs += 16_000
    const other = openServer({ log, agent: hello })
    await reader.toEnd()
    goOn.resolve()
    await vi.waitFor(() => expect(signal?.aborted).toBe(true))
    expect((await log.read(runIdOf(response), 0)).events.map(({ event }) => event)).toEqual([
      'run_started',
      'token',
      'error',
      'done',
    ])
    expect(errors).toEqual([expect.objectContaining({ code: 'fenced' })])
    await other.server.close()
  })
})

describe('an engine that is away', () => {
  it('pauses the agent, and nothing is lost or doubled', async () => {
    const log = memoryLog()
    let isAway = false
    let lostAnswers = 0
    const { call, errors } = openServer({
      log: {
        ...log,
        append: async (...args) => {
          if (isAway) throw new LogError('unavailable', 'away')
          await log.append(...args)
          // Stored, but its answer is lost.
          if (lostAnswers++ % 2 === 0) throw new LogError('unavailable', 'away')
        },
      },
      agent: async function* () {
        for (let i = 0; i < 5; i++) {
          isAway = i === 3
          if (isAway) setTimeout(() => (isAway = false), 60)
          yield { type: 'progress', step: String(i) }
        }
      },
    })
    const reader = createReader(await call.start())
    await reader.toEnd()
    expect(reader.state).toMatchObject({
      outcome: 'complete',
      reconciled: true,
      seq: { last: 7, gaps: [], duplicates: 0 },
    })
    expect(errors).toEqual([])
  })

  it('that comes back without its last events gets them again', async () => {
    const log = memoryLog()
    const appended: string[] = []
    let isRewound = false
    const { call } = openServer({
      log: {
        ...log,
        append: async (runId, epoch, events, end) => {
          if (!isRewound && (events[0]?.seq ?? 0) === 4) {
            isRewound = true
            throw new LogError('rewound', 'ends with event 1', { last: 1 })
          }
          appended.push(events.map(({ seq }) => seq).join())
          return log.append(runId, epoch, events, end)
        },
      },
      agent: async function* () {
        for (const step of ['a', 'b', 'c']) yield { type: 'progress', step }
      },
    })
    const reader = createReader(await call.start())
    await reader.toEnd()
    expect(appended).toEqual(['1', '2', '3', '2,3,4', '5'])
    expect(reader.state.reconciled).toBe(true)
  })

  it('lets nobody take over a run that its owner could not renew', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
    const log = memoryLog()
    let isAway = false
    const other = openServer({
      agent: hello,
      log: {
        ...log,
        claimable: async () => {
          if (isAway) throw new LogError('unavailable', 'away')
          return log.claimable()
        },
      },
    })
    const { runId } = (await log.create(record(), 15_000)).run
    await log.append(runId, 1, [{ seq: 1, atMs: 0, event: 'token', data: '{"text": "x"}' }])
    isAway = true
    await vi.advanceTimersByTimeAsync(20_000)
    isAway = false
    await vi.advanceTimersByTimeAsync(9000)
    // The owner is back, in time.
    expect(await log.renew([{ runId, epoch: 1 }], 15_000)).toEqual([])
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await log.get(runId)).not.toHaveProperty('end')
    await other.server.close()
  })

  it('is said with 503', async () => {
    const log = memoryLog()
    const { call, errors } = openServer({
      agent: hello,
      log: {
        ...log,
        create: () => Promise.reject(new LogError('unavailable', 'redis://user:secret@host is away')),
      },
    })
    const answer = await call.start()
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('1')
    expect(await answer.text()).not.toContain('secret')
    expect(errors).toEqual([])
  })
})

describe('requests', () => {
  const strict = () =>
    openServer({
      agent: hello,
      basePath: '/api',
      maxBodyBytes: 1010,
      authorize: (request): Grant | false => {
        const owner = request.headers.get('authorization')
        return owner ? { owner } : false
      },
    })
  const ada = { authorization: 'ada' }
  const runId = 'a'.repeat(32)

  it.each([
    ['GET', '/elsewhere', 404, 'not_found'],
    ['GET', '/runs', 404, 'not_found'],
    ['PUT', '/api/runs', 405, 'method_not_allowed'],
    ['DELETE', `/api/runs/${runId}`, 405, 'method_not_allowed'],
    ['POST', `/api/runs/${runId}/events`, 405, 'method_not_allowed'],
    ['GET', `/api/runs/${runId}/input`, 405, 'method_not_allowed'],
    ['GET', `/api/runs/${runId}`, 404, 'unknown_run'],
    ['GET', '/api/runs/', 404, 'unknown_run'],
    ['GET', '/api/runs/..%2fx', 404, 'unknown_run'],
    ['GET', '/api/runs/%E2%82%AC%00/events', 404, 'unknown_run'],
    ['GET', `/api/runs/${runId}/events/more`, 404, 'not_found'],
    ['GET', '/api/runs?status=asleep', 400, 'invalid_request'],
    ['GET', '/api/runs?limit=0', 400, 'invalid_request'],
    ['GET', '/api/runs?since=yesterday', 400, 'invalid_request'],
  ])('%s %s → %i %s', async (method, path, status, code) => {
    const { call } = strict()
    const answer = await call.send(method, path, undefined, ada)
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(await answer.json()).toMatchObject({ code, message: expect.any(String) })
  })

  it('for a run id of 10,000 characters get a short answer', async () => {
    const { call } = strict()
    const answer = await call.send('GET', `/api/runs/${'x'.repeat(10_000)}`, undefined, ada)
    expect(answer.status).toBe(404)
    expect((await answer.text()).length).toBeLessThan(200)
  })

  it.each([
    ['no JSON', '{"a":', {}, 400, 'invalid_request'],
    ['nothing', '', {}, 400, 'invalid_request'],
    ['too deep a nest', `${'['.repeat(501)}${']'.repeat(501)}`, {}, 400, 'invalid_request'],
    ['another type', 'a=1', { 'Content-Type': 'text/plain' }, 415, 'unsupported_media_type'],
    ['too much', JSON.stringify('x'.repeat(1010)), {}, 413, 'body_too_large'],
    ['an empty key', '{}', { 'Idempotency-Key': '' }, 400, 'invalid_request'],
    ['a key that is too long', '{}', { 'Idempotency-Key': 'k'.repeat(256) }, 400, 'invalid_request'],
  ])('a start with %s starts nothing', async (_, body, headers, status, code) => {
    const { call } = strict()
    const answer = await call.send('POST', '/api/runs', body, { ...ada, ...headers })
    expect(answer.status).toBe(status)
    expect(await answer.json()).toMatchObject({ code })
    expect(await (await call.send('GET', '/api/runs', undefined, ada)).json()).toEqual({ runs: [] })
  })

  it('without authorization are refused before their body is read', async () => {
    const { call } = strict()
    expect((await call.send('POST', '/api/runs', '{"a":')).status).toBe(401)
    expect((await call.send('GET', `/api/runs/${runId}/events`)).status).toBe(401)
  })

  it('of others find no run, and change none', async () => {
    const { call } = strict()
    const started = await call.send('POST', '/api/runs', {}, ada)
    await createReader(started).toEnd()
    const path = started.headers.get('content-location') as string
    expect(path).toMatch(/^\/api\/runs\/[0-9a-f]{32}\/events$/)
    const bob = { authorization: 'bob' }
    const run = path.replace(/\/events$/, '')
    expect((await call.send('GET', path, undefined, bob)).status).toBe(404)
    expect((await call.send('GET', run, undefined, bob)).status).toBe(404)
    expect((await call.send('POST', `${run}/cancel`, {}, bob)).status).toBe(404)
    expect(await (await call.send('GET', '/api/runs', undefined, bob)).json()).toEqual({ runs: [] })
    expect((await call.send('GET', path, undefined, ada)).status).toBe(200)
  })

  it('list runs, the newest first, by status and time', async () => {
    const { call } = openServer({ agent: hello })
    const ids: string[] = []
    for (let n = 0; n < 3; n++) {
      const response = await call.start({ n })
      ids.unshift(runIdOf(response))
      await createReader(response).toEnd()
    }
    const listed = async (query: string) => {
      const { runs } = (await (await call.send('GET', `/runs${query}`)).json()) as {
        runs: { run_id: string }[]
      }
      return runs.map((run) => run.run_id)
    }
    expect(await listed('')).toEqual(ids)
    expect(await listed('?limit=1')).toEqual(ids.slice(0, 1))
    expect(await listed('?status=running')).toEqual([])
    expect(await listed('?status=ended&since=2000-01-01T00:00:00Z')).toEqual(ids)
    expect(await listed('?before=2000-01-01T00:00:00Z')).toEqual([])
  })

  it('bring reports to the application', async () => {
    const reports: unknown[] = []
    const { call } = openServer({
      agent: hello,
      onReport: (report, owner) => void reports.push([report, owner]),
    })
    expect((await call.send('POST', '/runs/report', { run_id: 'x' })).status).toBe(204)
    expect(reports).toEqual([[{ run_id: 'x' }, 'everyone']])
  })

  it('beyond what the server can take are refused with a time to come back', async () => {
    const { call } = openServer({
      agent: async function* () {
        yield await new Promise<never>(() => undefined)
      },
      maxRuns: 1,
    })
    expect((await call.start()).status).toBe(200)
    const answer = await call.start()
    expect(answer.status).toBe(429)
    expect(answer.headers.get('retry-after')).toBe('5')
  })

  it('that are let in without an owner touch nothing', async () => {
    const { call, errors } = openServer({ agent: hello, authorize: (() => true) as never })
    expect((await call.start()).status).toBe(500)
    expect((await call.events('a'.repeat(32))).status).toBe(500)
    expect(String(errors[0])).toContain('authorize: expected { owner: "…" } or false')
  })

  it('whose body authorize has read are the application’s mistake', async () => {
    const { call, errors } = openServer({
      agent: hello,
      async authorize(request) {
        await request.text()
        return { owner: 'ada' }
      },
    })
    expect((await call.start()).status).toBe(500)
    expect(String(errors[0])).toContain('request.clone()')
  })

  it('that fail in the application say nothing of the cause', async () => {
    const { call, errors } = openServer({
      agent: hello,
      authorize: () => {
        throw new Error('secret')
      },
    })
    const answer = await call.start()
    expect(answer.status).toBe(500)
    expect(await answer.text()).not.toContain('secret')
    expect(errors).toHaveLength(1)
  })
})

describe('pages of another origin', () => {
  const page = 'https://app.example'
  const { call } = openServer({ agent: hello, cors: { origins: [page] } })

  it('may ask with what the client sends, and read what it needs', async () => {
    const preflight = await call.send('OPTIONS', '/runs', undefined, {
      Origin: page,
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'authorization,content-type,idempotency-key,last-event-id',
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-origin')).toBe(page)
    expect(preflight.headers.get('access-control-allow-headers')).toMatch(/Idempotency-Key, Last-Event-ID/)
    const response = await call.start({}, { Origin: page })
    expect(response.headers.get('access-control-allow-origin')).toBe(page)
    expect(response.headers.get('access-control-expose-headers')).toMatch(/Content-Location/)
    const refused = await call.send('GET', '/nothing', undefined, { Origin: page })
    expect(refused.headers.get('access-control-allow-origin')).toBe(page)
  })

  it('that are not named get no permission', async () => {
    const response = await call.start({}, { Origin: 'https://evil.example' })
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
    expect(response.headers.get('vary')).toBe('Origin')
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
