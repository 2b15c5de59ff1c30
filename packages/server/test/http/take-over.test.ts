import { afterEach, describe, expect, it, vi } from 'vitest'

import { type AgentContext, allowAll, createRunServer, LogError, memoryLog } from '../../src/index.ts'
import { caller, createReader, deferred, hello, openServer, record, runIdOf } from './run-server-harness.ts'

afterEach(() => vi.useRealTimers())

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
