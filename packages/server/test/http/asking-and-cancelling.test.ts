import { setImmediate } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'

import { type Agent, type AgentContext, InputExpired, memoryLog } from '../../src/index.ts'
import { createReader, endless, openServer, runIdOf } from './run-server-harness.ts'

afterEach(() => vi.useRealTimers())

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
