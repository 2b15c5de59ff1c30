import { describe, expect, it, onTestFinished, vi } from 'vitest'

import { type Agent, type AgentContext, LogError, memoryLog } from '../../src/index.ts'
import { createReader, deferred, openServer, record } from '../http/run-server-harness.ts'

async function* untilAborted({ signal }: AgentContext) {
  yield { type: 'token', text: 'working' } as const
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve))
}

/** A log whose `create` and `claim` wait to be let through. */
function gated(name: 'create' | 'claim') {
  const log = memoryLog()
  const reached = deferred()
  const gate = deferred()
  const wait = async () => {
    reached.resolve()
    await gate.promise
  }
  const slow: typeof log = {
    ...log,
    async create(...args) {
      if (name === 'create') await wait()
      return log.create(...args)
    },
    async claim(...args) {
      if (name === 'claim') await wait()
      return log.claim(...args)
    },
  }
  return { log: slow, reached: reached.promise, open: () => gate.resolve() }
}

describe('closing', () => {
  it('waits for a run that is being started, and gives it up', async () => {
    const { log, reached, open } = gated('create')
    const { server, call } = openServer({ log, agent: untilAborted })
    const starting = call.start()
    await reached
    const closed = server.close()
    open()
    await closed
    const reader = createReader(await starting)
    await reader.toEnd()
    expect(reader.state.error).toMatchObject({ errorType: 'run_lost' })
  })

  it('waits for a run that is being taken over, and gives it back', async () => {
    const { log, reached, open } = gated('claim')
    const run = record()
    const { epoch = 0 } = await log.create(run, 1)
    await log.release({ runId: run.runId, epoch }, false)
    const { server, errors } = openServer({ log, agent: untilAborted, canContinue: true })
    await reached
    const closed = server.close()
    open()
    await closed
    expect(await log.claimable()).toEqual([run.runId])
    expect(errors).toEqual([])
  })

  it('waits for as long as it is told, also for ever', async () => {
    const goOn = deferred()
    const agent: Agent = async function* () {
      yield { type: 'token', text: 'working' }
      await goOn.promise
      yield { type: 'token', text: ', done' }
    }
    const { server, call } = openServer({ agent })
    const reader = createReader(await call.start())
    await reader.until(() => reader.state.text === 'working')
    const closed = server.close(Number.POSITIVE_INFINITY)
    // A timer that overflowed would have fired by then.
    await new Promise((resolve) => setTimeout(resolve, 2))
    goOn.resolve()
    await closed
    await reader.toEnd()
    expect(reader.state).toMatchObject({ outcome: 'complete', text: 'working, done' })
  })
})

describe('a run that cannot be taken over', () => {
  it('keeps no other from it, and is told of', async () => {
    const log = memoryLog()
    const [bad, good] = ['0', '1'].map((digit) => digit.repeat(32)) as [string, string]
    for (const runId of [bad, good]) {
      const { epoch = 0 } = await log.create({ ...record(), runId }, 1)
      await log.release({ runId, epoch }, false)
    }
    let refusals = 0
    const claim: typeof log.claim = async (runId, leaseMs) => {
      if (runId !== bad) return log.claim(runId, leaseMs)
      refusals++
      throw new LogError('unavailable', 'its file cannot be read')
    }
    const { server, call, errors } = openServer({ log: { ...log, claim }, agent: untilAborted, leaseMs: 30 })
    onTestFinished(() => server.close())
    const reader = createReader(await call.events(good))
    await reader.until(() => reader.state.text === 'working')
    await reader.cancel()
    await vi.waitFor(() => expect(refusals).toBeGreaterThan(1))
    expect(errors.every((error) => error instanceof LogError)).toBe(true)
    expect(errors.length).toBeLessThanOrEqual(refusals)
    expect(errors.length).toBeGreaterThan(0)
  })
})

describe('a server that can take two runs', () => {
  it('takes two of five that come at the same time', async () => {
    const { server, call } = openServer({ agent: untilAborted, maxRuns: 2 })
    onTestFinished(() => server.close())
    const answers = await Promise.all(Array.from({ length: 5 }, () => call.start()))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 429, 429, 429])
  })
})

describe('an onError that throws', () => {
  it('breaks no run and no answer, and is told of', async () => {
    const told = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    onTestFinished(() => told.mockRestore())
    const broken = new Error('logger away')
    const { server, call } = openServer({
      // biome-ignore lint/correctness/useYield: it fails before
      agent: async function* () {
        throw new Error('model away')
      },
      onError: () => {
        throw broken
      },
      authorize: (_, { action }) => {
        if (action === 'list') throw new Error('session store away')
        return { owner: 'ada' }
      },
    })
    const reader = createReader(await call.start())
    await reader.toEnd()
    expect(reader.state.outcome).toBe('failed')
    expect((await call.send('GET', '/runs')).status).toBe(500)
    await server.close()
    expect(told.mock.calls).toEqual([[broken], [broken]])
  })
})
