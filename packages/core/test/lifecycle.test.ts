import { AgentStreamError, createFold, EMPTY_RUN_STATE, fold, type RunState } from '@agent-stream/protocol'
import { describe, expect, it } from 'vitest'
import { createActor } from 'xstate'
import { getShortestPaths } from 'xstate/graph'

import { DEFAULT_RETRY, type LifecycleEvent, type LifecycleSettings, lifecycle } from '../src/index.ts'
import { SimulatedClock } from '../src/testing/index.ts'
import { answer, setUp, token } from './harness.ts'

const request = { url: '/chat', body: '{}', idempotencyKey: undefined }
const follow = { url: '/runs/r/events', body: null, idempotencyKey: undefined }
const error = new AgentStreamError('network_error', 'gone', { retryable: true })
const rewound = new AgentStreamError('http_error', 'rewound', {
  status: 409,
  details: { code: 'log_rewound' },
})
const text = fold([{ type: 'token', text: 'a' }])
const tool = fold([{ type: 'tool_use', toolName: 'x', toolUseId: '1', inputSummary: '', status: 'running' }])
const lastWordError = fold([{ type: 'error', errorType: 'x', message: 'broke' }])
const DONE = { messageId: '', numTurns: 0, toolCount: 0, durationMs: 0, model: '' }
const ended = (isError: boolean) =>
  fold([
    { type: 'token', text: 'a' },
    { type: 'done', ...DONE, isError },
  ])

/** A run with a name and numbers, as far as `last`. */
function numbered(last: number): RunState {
  const run = createFold()
  run.apply({ type: 'run_started', runId: 'r', startedAt: '', protocol: '1' }, 1)
  for (let seq = 2; seq <= last; seq++)
    run.apply({ type: 'tool_use', toolName: 'x', toolUseId: '1', inputSummary: '', status: 'running' }, seq)
  return run.snapshot()
}

const start: LifecycleEvent = { type: 'start', request }
const flush = (run: RunState): LifecycleEvent => ({ type: 'flush', run })
const dropped: LifecycleEvent = { type: 'dropped', error }
const resume: LifecycleEvent = { type: 'start', request: follow }
const located: LifecycleEvent = { type: 'located', eventsUrl: '/runs/r/events' }
const jumped: LifecycleEvent = { type: 'jumped' }
const wake: LifecycleEvent = { type: 'wake' }
const noMore: LifecycleEvent = { type: 'closed', isFinal: true }
/** Open, and known to be one that can be resumed. */
const durable: LifecycleEvent[] = [start, located, { type: 'opened' }, flush(numbered(3))]

function settings(over: Partial<LifecycleSettings> = {}): LifecycleSettings & { clock: SimulatedClock } {
  return {
    retry: DEFAULT_RETRY,
    connectTimeoutMs: 60_000,
    idleTimeoutMs: 90_000,
    random: () => 0,
    connect: () => () => {},
    ...over,
    clock: new SimulatedClock(),
  }
}

/** An actor whose connections do nothing: the test says what they would. */
function actorOf(over: Partial<LifecycleSettings> = {}) {
  const connections = { opened: 0, closed: 0 }
  const input = settings({
    connect: () => {
      connections.opened++
      return () => {
        connections.closed++
      }
    },
    ...over,
  })
  const actor = createActor(lifecycle, { input, clock: input.clock })
  actor.start()
  return { actor, connections, clock: input.clock, state: () => actor.getSnapshot().value }
}

describe('the lifecycle: every row of the table is a transition', () => {
  const CONNECTING = { streaming: 'connecting' }
  const OPEN = { streaming: 'open' }
  it.each<[string, LifecycleEvent[], unknown]>([
    ['waits', [], 'idle'],
    ['start → connecting', [start], CONNECTING],
    ['headers → open', [start, { type: 'opened' }], OPEN],
    ['events keep it open', [start, { type: 'opened' }, flush(text)], OPEN],
    ['done → done', [start, { type: 'opened' }, flush(ended(false))], 'done'],
    ['done with is_error → error', [start, { type: 'opened' }, flush(ended(true))], 'error'],
    [
      'closed without done → synthetic-done',
      [start, { type: 'opened' }, flush(text), { type: 'closed' }],
      'synthetic-done',
    ],
    [
      'closed after an error → error',
      [start, { type: 'opened' }, flush(lastWordError), { type: 'closed' }],
      'error',
    ],
    ['refused → error', [start, { type: 'rejected', error }], 'error'],
    ['dropped → retrying', [start, dropped], 'retrying'],
    ['dropped in the middle → retrying', [start, { type: 'opened' }, flush(text), dropped], 'retrying'],
    [
      'dropped after a tool → synthetic-done',
      [start, { type: 'opened' }, flush(tool), dropped],
      'synthetic-done',
    ],
    ['resume → connecting', [resume], CONNECTING],
    ['a durable run, dropped after a tool → retrying', [...durable, dropped], 'retrying'],
    ['… closed without done → retrying', [...durable, { type: 'closed' }], 'retrying'],
    ['… with no more to come → synthetic-done', [...durable, noMore], 'synthetic-done'],
    ['… jumped → connecting', [...durable, jumped], CONNECTING],
    ['… jumped at the same place again → open', [...durable, jumped, { type: 'opened' }, jumped], OPEN],
    ['… woken → connecting', [...durable, dropped, wake], CONNECTING],
    [
      '… woken from a wait that the server asked for → retrying',
      [...durable, { ...dropped, retryAfterMs: 5000 }, wake],
      'retrying',
    ],
    ['… rewound → connecting', [...durable, dropped, wake, { type: 'rejected', error: rewound }], CONNECTING],
    ['… refused → error', [...durable, dropped, wake, { type: 'rejected', error }], 'error'],
    ['a run without a name, jumped → open', [start, { type: 'opened' }, flush(text), jumped], OPEN],
    ['a request that is repeated, woken → retrying', [start, dropped, wake], 'retrying'],
    ['stop → stopped', [start, { type: 'stop' }], 'stopped'],
    ['stop while retrying → stopped', [start, dropped, { type: 'stop' }], 'stopped'],
    ['detach → stopped', [start, { type: 'opened' }, { type: 'detach' }], 'stopped'],
    ['start again → connecting', [start, { type: 'opened' }, start], CONNECTING],
    ['start after the end → connecting', [start, flush(ended(false)), start], CONNECTING],
    ['start while retrying → connecting', [start, dropped, start], CONNECTING],
    ['reset → idle', [start, { type: 'opened' }, { type: 'reset', request }], 'idle'],
    ['stop when idle stays idle', [{ type: 'stop' }], 'idle'],
    ['stop after the end stays', [start, flush(ended(false)), { type: 'stop' }], 'done'],
  ])('%s', (_, events, value) => {
    const { actor, state } = actorOf()
    for (const event of events) actor.send(event)
    expect(state()).toEqual(value)
  })

  it('runs the waits and timeouts on the clock it is given', async () => {
    const { actor, clock, state } = actorOf()
    actor.send(start)
    await clock.advance(60_000)
    expect(state()).toBe('retrying')
    await clock.advance(1000)
    expect(state()).toEqual({ streaming: 'connecting' })
    actor.send({ type: 'opened' })
    await clock.advance(60_000)
    expect(actor.getSnapshot().context.isStalled).toBe(true)
    await clock.advance(30_000)
    expect(state()).toBe('retrying')
  })

  it('ends in error when the retries are used up', async () => {
    const { actor, clock, state } = actorOf()
    actor.send(start)
    for (const waitMs of [1000, 2000, 4000]) {
      actor.send(dropped)
      expect(state()).toBe('retrying')
      await clock.advance(waitMs)
    }
    actor.send(dropped)
    expect(state()).toBe('error')
    expect(actor.getSnapshot().context.run).toMatchObject({
      outcome: 'failed',
      error: { errorType: 'network_error' },
    })
  })

  it('resumes for five minutes from the first drop without progress on, and no longer', async () => {
    const { actor, clock, state } = actorOf()
    for (const event of durable) actor.send(event)
    actor.send(dropped)
    while (state() === 'retrying') {
      await clock.advance(actor.getSnapshot().context.delayMs)
      actor.send(dropped)
    }
    expect(state()).toBe('error')
    expect(clock.now()).toBeGreaterThanOrEqual(300_000)
    expect(clock.now()).toBeLessThan(330_000)
    expect(actor.getSnapshot().context.run).toMatchObject({
      outcome: 'failed',
      tools: [{ status: 'incomplete' }],
    })
  })

  it('listens for a wake only while a retry is waited for', async () => {
    let listening = 0
    const { actor, clock } = actorOf({
      onWake: () => {
        listening++
        return () => listening--
      },
    })
    for (const event of durable) actor.send(event)
    expect(listening).toBe(0)
    actor.send(dropped)
    expect(listening).toBe(1)
    await clock.advance(1000)
    expect(listening).toBe(0)
    actor.send(dropped)
    actor.send({ type: 'detach' })
    expect(listening).toBe(0)
  })

  it('has one connection open while streaming, and none otherwise', async () => {
    const { actor, connections, clock } = actorOf()
    const open = () => connections.opened - connections.closed
    actor.send(start)
    expect(open()).toBe(1)
    actor.send(dropped)
    expect(open()).toBe(0)
    await clock.advance(1000)
    expect(open()).toBe(1)
    actor.send(start)
    expect(open()).toBe(1)
    actor.send({ type: 'stop' })
    expect(open()).toBe(0)
  })
})

describe('the paths through the lifecycle', () => {
  const events: LifecycleEvent[] = [
    start,
    { type: 'opened' },
    flush(text),
    flush(tool),
    flush(lastWordError),
    flush(ended(false)),
    flush(ended(true)),
    resume,
    located,
    flush(numbered(1)),
    flush(numbered(3)),
    jumped,
    wake,
    noMore,
    { type: 'rejected', error: rewound },
    { type: 'active' },
    { type: 'retryField', ms: 10 },
    { type: 'closed' },
    dropped,
    { type: 'rejected', error },
    { type: 'stop' },
    { type: 'detach' },
    { type: 'reset', request: null },
    { type: 'reset', request },
    // What the clock sends when a wait is over.
    ...(
      [
        'xstate.after.connectTimeout.agentStream.streaming.connecting',
        'xstate.after.watchdog.agentStream.streaming.open',
        'xstate.after.backoff.agentStream.retrying',
      ] as const
    ).map((type) => ({ type }) as unknown as LifecycleEvent),
  ]
  const paths = getShortestPaths(lifecycle, {
    events,
    // Few tries, so that there are few states.
    input: settings({ retry: { ...DEFAULT_RETRY, attempts: 1 } }),
    // What the machine decides by; the pulse's times would make every state a new one.
    serializeState: ({ value, context }) =>
      JSON.stringify([
        value,
        context.run.outcome,
        context.run.eventCount,
        context.failures,
        context.hasToolStarted,
        context.eventsUrl,
        context.after,
        context.jumpAfter,
        context.mayWake,
      ]),
    stopWhen: ({ context }) => context.failures > 2,
    limit: 50_000,
  })

  it('reach every state', () => {
    const reached = new Set(paths.map(({ state }) => JSON.stringify(state.value)))
    expect([...reached].sort()).toEqual(
      [
        'done',
        'error',
        'idle',
        'retrying',
        'stopped',
        'synthetic-done',
        { streaming: 'connecting' },
        { streaming: 'open' },
      ]
        .map((value) => JSON.stringify(value))
        .sort(),
    )
  })

  it('hold what a state promises, wherever they lead', () => {
    expect(paths.length).toBeGreaterThan(30)
    for (const { state } of paths) {
      const { run, request: asked, failures, settings: given, after, eventsUrl, mayWake } = state.context
      const isRunning = typeof state.value === 'object' || state.value === 'retrying'
      // An end has an outcome, and only an end has.
      expect(run.outcome === null).toBe(isRunning || state.value === 'idle')
      if (state.value === 'idle') expect([asked, run]).toEqual([null, EMPTY_RUN_STATE])
      if (state.value === 'error') expect(run.outcome).toBe('failed')
      if (state.value === 'synthetic-done') expect(run.outcome).toBe('truncated')
      if (state.value === 'stopped') expect(run.outcome).toBe('stopped')
      if (run.outcome !== null) expect(run.activeTools).toEqual([])
      if (state.value === 'retrying' && after === null)
        expect(failures).toBeLessThanOrEqual(given.retry.attempts)
      // Nothing is asked for again without an address.
      if (after !== null) expect(eventsUrl).not.toBeNull()
      if (mayWake) expect(after).not.toBeNull()
    }
  })

  it('lead from every state back to idle and to a new start', () => {
    for (const { state } of paths) {
      const resumed = createActor(lifecycle, {
        snapshot: lifecycle.resolveState({ value: state.value, context: state.context }),
        input: settings(),
        clock: new SimulatedClock(),
      }).start()
      resumed.send(start)
      expect(resumed.getSnapshot().value).toEqual({ streaming: 'connecting' })
      expect(resumed.getSnapshot().context).toMatchObject({ failures: 0, attempt: 1, run: EMPTY_RUN_STATE })
      resumed.send({ type: 'reset', request })
      expect(resumed.getSnapshot().value).toBe('idle')
      resumed.stop()
    }
  })
})

describe('client.actor', () => {
  it('shows an XState inspector every event and snapshot, tokens batched', async () => {
    const seen: string[] = []
    const {
      start: begin,
      clock,
      client,
    } = setUp([answer(...Array.from({ length: 50 }, () => token('x ')))], {
      inspect: (inspection) => {
        if (inspection.type === '@xstate.event') seen.push(inspection.event.type)
      },
    })
    begin()
    await clock.advance(1000)
    expect(seen).toEqual(expect.arrayContaining(['start', 'opened', 'flush']))
    expect(seen.filter((type) => type === 'flush').length).toBeLessThan(5)
    expect(client.actor.getSnapshot()).toMatchObject({
      value: 'done',
      context: { run: { text: 'x '.repeat(50) } },
    })
  })

  it('keeps what was not published when a stop is sent to it directly', async () => {
    const {
      start: begin,
      clock,
      client,
    } = setUp([{ body: [token('a'), { waitMs: 1 }, token('b')], end: 'hang' }], { batch: { ms: 1000 } })
    begin()
    await clock.advance(1)
    expect(client.getSnapshot().text).toBe('a')
    client.actor.send({ type: 'stop' })
    expect(client.getSnapshot()).toMatchObject({ status: 'stopped', text: 'ab' })
  })

  it('is a store of its own: subscribing to it is enough', async () => {
    const { start: begin, clock, client } = setUp([answer(token('a'))])
    const values: unknown[] = []
    client.actor.subscribe(({ value }) => values.push(value))
    begin()
    await clock.advance(0)
    expect(values).toContainEqual({ streaming: 'connecting' })
    expect(values.at(-1)).toBe('done')
  })
})
