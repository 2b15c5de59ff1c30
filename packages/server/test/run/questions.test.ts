import { describe, expect, it, onTestFinished } from 'vitest'

import type { Agent } from '../../src/index.ts'
import { memoryLog } from '../../src/index.ts'
import { createReader, deferred, openServer, record, runIdOf } from '../http/run-server-harness.ts'

/** What would have ended the process. */
function unhandledRejections(): unknown[] {
  const seen: unknown[] = []
  const note = (reason: unknown) => seen.push(reason)
  process.on('unhandledRejection', note)
  onTestFinished(() => {
    process.off('unhandledRejection', note)
  })
  return seen
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('a question that nobody awaits', () => {
  it('ends no process when its run is cancelled', async () => {
    const unhandled = unhandledRejections()
    const agent: Agent = async function* ({ requestInput, signal }) {
      void requestInput({ message: 'Go on?' })
      yield { type: 'token', text: 'working' }
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
    }
    const { call } = openServer({ agent })
    const response = await call.start()
    const reader = createReader(response)
    await reader.until(() => reader.state.text === 'working')
    await call.send('POST', `/runs/${runIdOf(response)}/cancel`, {})
    await reader.toEnd()
    await turn()
    expect(reader.state.outcome).toBe('stopped')
    expect(unhandled).toEqual([])
  })

  it('is over with its agent, and adds nothing to the ended run', async () => {
    const unhandled = unhandledRejections()
    const outcome = deferred<unknown>()
    const agent: Agent = async function* ({ requestInput }) {
      requestInput({ message: 'Go on?', expiresInMs: 60_000 }).catch(outcome.resolve)
      yield { type: 'token', text: 'done without it' }
    }
    const log = memoryLog()
    const { call, errors } = openServer({ agent, log })
    const response = await call.start()
    expect(await createReader(response).toEnd()).toEqual(['run_started', 'input_required', 'token', 'done'])
    expect(await outcome.promise).toMatchObject({ name: 'AbortError', message: 'The agent has ended' })
    expect([unhandled, errors]).toEqual([[], []])
  })

  it('and is answered as the agent ends leaves nothing behind done', async () => {
    const log = memoryLog()
    const stored = deferred()
    const held = deferred()
    const slow: typeof log = {
      ...log,
      async append(...args) {
        const isText = args[2].some(({ event }) => event === 'token')
        if (isText) {
          stored.resolve()
          await held.promise
        }
        return log.append(...args)
      },
    }
    let answer: Promise<unknown> = Promise.resolve()
    const agent: Agent = async function* ({ requestInput }) {
      answer = requestInput({ inputId: 'q1' }).catch(() => undefined)
      yield { type: 'progress', step: 'asked' }
      yield { type: 'token', text: 'bye' }
    }
    const { call, errors } = openServer({ agent, log: slow })
    const response = await call.start()
    await stored.promise
    await call.send('POST', `/runs/${runIdOf(response)}/input`, { input_id: 'q1', answer: 1 })
    await answer
    held.resolve()
    const events = await createReader(response).toEnd()
    expect(events.at(-1)).toBe('done')
    expect(errors).toEqual([])
  })
})

describe('an answer', () => {
  it('that is found before the log is read counts all the same', async () => {
    const log = memoryLog()
    const run = record()
    const { epoch = 0 } = await log.create(run, 1)
    const event = (seq: number, name: string, data: object) => ({
      seq,
      atMs: Date.now(),
      event: name,
      data: JSON.stringify(data),
    })
    await log.append(run.runId, epoch, [
      event(1, 'run_started', { run_id: run.runId }),
      event(2, 'input_required', { input_id: 'input-1', kind: 'question', message: '' }),
    ])
    await log.putIntent(run.runId, 'input:input-1', JSON.stringify({ answer: 'yes' }))
    await log.release({ runId: run.runId, epoch }, false)
    let hint: () => void = () => undefined
    const looked = deferred()
    const slow: typeof log = {
      ...log,
      onIntent(_, listener) {
        hint = listener
        return () => undefined
      },
      async intents(runId) {
        const intents = await log.intents(runId)
        // Its caller has them a few microtasks later.
        setImmediate(() => looked.resolve())
        return intents
      },
      async read(...args) {
        hint()
        await looked.promise
        return log.read(...args)
      },
    }
    const agent: Agent = async function* ({ requestInput }) {
      yield { type: 'token', text: `answer: ${await requestInput({})}` }
    }
    const { call } = openServer({ agent, log: slow, canContinue: true })
    const reader = createReader(await call.events(run.runId))
    await reader.toEnd()
    expect(reader.state.text).toBe('answer: yes')
  })

  it('given twice at the same time is taken twice', async () => {
    const log = memoryLog()
    const reading = deferred()
    const settled = deferred()
    let isHeld = false
    const slow: typeof log = {
      ...log,
      async read(...args) {
        if (isHeld) {
          isHeld = false
          reading.resolve()
          await settled.promise
        }
        return log.read(...args)
      },
    }
    const agent: Agent = async function* ({ requestInput }) {
      yield { type: 'token', text: `answer: ${await requestInput({ inputId: 'q1' })}` }
    }
    const { call } = openServer({ agent, log: slow })
    const response = await call.start()
    const reader = createReader(response)
    await reader.until(() => reader.state.pendingInputs.length === 1)
    const answer = () => call.send('POST', `/runs/${runIdOf(response)}/input`, { input_id: 'q1', answer: 1 })
    isHeld = true
    const first = answer()
    await reading.promise
    expect((await answer()).status).toBe(200)
    await reader.toEnd()
    settled.resolve()
    expect((await first).status).toBe(200)
  })
})

describe('a time to expire', () => {
  it.each([
    [Number.NaN, 'expected milliseconds'],
    [-1, 'Nobody answered'],
  ])('of %d ms says what is the matter', async (expiresInMs, message) => {
    const agent: Agent = async function* ({ requestInput }) {
      yield { type: 'token', text: String(await requestInput({ expiresInMs }).catch((error) => error)) }
    }
    const reader = createReader(await openServer({ agent }).call.start())
    await reader.toEnd()
    expect(reader.state.text).toContain(message)
  })

  it('that no date can say is none', async () => {
    const agent: Agent = async function* ({ requestInput }) {
      await requestInput({ expiresInMs: Infinity })
      yield { type: 'token', text: 'never' }
    }
    const { call } = openServer({ agent })
    const response = await call.start()
    const reader = createReader(response)
    await reader.until(() => reader.state.pendingInputs.length === 1)
    expect(reader.state.pendingInputs[0]?.expiresAt).toBeUndefined()
    await call.send('POST', `/runs/${runIdOf(response)}/cancel`, {})
    await reader.toEnd()
  })
})
