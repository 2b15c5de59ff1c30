import { createSseReader, type SseMessage } from '@agent-stream/protocol'
import { agUiWire } from '@agent-stream/protocol/dialects/ag-ui'
import { aiSdkUiWire } from '@agent-stream/protocol/dialects/ai-sdk-ui'
import { describe, expect, it } from 'vitest'

import { type Agent, memoryLog } from '../../src/index.ts'
import { openServer } from './run-server-harness.ts'

const DIALECTS = [aiSdkUiWire, agUiWire]

const agent: Agent = async function* () {
  yield { type: 'token', text: 'Adding. ' }
  yield { type: 'tool_use', toolName: 'add', toolUseId: 't1', input: { a: 1 } }
  yield { type: 'tool_result', toolName: 'add', toolUseId: 't1', output: 2 }
  yield { type: 'token', text: 'Two.' }
}

/** Waits for ever, or until it is cancelled. */
const waiting: Agent = async function* ({ signal }) {
  yield { type: 'token', text: 'Wait' }
  await new Promise((resolve) => signal.addEventListener('abort', resolve))
}

async function messagesOf(response: Response): Promise<SseMessage[]> {
  const messages: SseMessage[] = []
  createSseReader({ onMessage: (message) => messages.push(message) }).feed(await response.text())
  return messages
}

const typesOf = (messages: readonly SseMessage[]) =>
  messages.map(({ data }) => (data === '[DONE]' ? data : (JSON.parse(data) as { type: string }).type))

describe('a run server that speaks other wires', () => {
  it('answers in the wire that is asked for', async () => {
    const { call } = openServer({ agent, dialects: DIALECTS })
    const own = await call.send('POST', '/runs', {})
    expect(await own.text()).toContain('event: run_started')
    const ui = await call.send('POST', '/runs?dialect=ai-sdk-ui', {})
    expect(ui.headers.get('x-vercel-ai-ui-message-stream')).toBe('v1')
    expect(ui.headers.get('content-location')).toMatch(/^\/runs\/[0-9a-f]{32}\/events\?dialect=ai-sdk-ui$/)
    expect(typesOf(await messagesOf(ui))).toEqual([
      'start',
      'start-step',
      'text-start',
      'text-delta',
      'text-end',
      'tool-input-start',
      'tool-input-available',
      'tool-output-available',
      'finish-step',
      'start-step',
      'text-start',
      'text-delta',
      'text-end',
      'finish-step',
      'finish',
      '[DONE]',
    ])
    const agUi = await messagesOf(
      await call.send('POST', '/runs?dialect=ag-ui', { threadId: 'th', runId: 'ru' }),
    )
    expect(JSON.parse(agUi[0]?.data ?? '')).toMatchObject({
      type: 'RUN_STARTED',
      threadId: 'th',
      runId: 'ru',
    })
    expect(JSON.parse(agUi.at(-1)?.data ?? '')).toMatchObject({
      type: 'RUN_FINISHED',
      threadId: 'th',
      runId: 'ru',
    })
  })

  it('refuses one that it does not speak', async () => {
    const { call } = openServer({ agent, dialects: DIALECTS })
    const answer = await call.send('POST', '/runs?dialect=ag-ui-2', {})
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('ag-ui'),
    })
  })

  it.each(DIALECTS.map(({ name }) => name))(
    'goes on in %s after any message, without loss or doubling',
    async (name) => {
      const { call } = openServer({ agent, dialects: DIALECTS })
      const started = await call.send('POST', `/runs?dialect=${name}`, { threadId: 'th' })
      const path = `/runs/${/[0-9a-f]{32}/.exec(started.headers.get('content-location') ?? '')?.[0]}/events?dialect=${name}`
      const whole = await messagesOf(started)
      for (const [index, { id }] of whole.entries()) {
        if (id === undefined) continue
        const rest = await call.send('GET', path, undefined, { 'Last-Event-ID': id })
        expect(rest.status === 204 ? [] : await messagesOf(rest)).toEqual(
          // After the last number there is nothing left to say.
          id === whole.findLast((message) => message.id !== undefined)?.id ? [] : whole.slice(index + 1),
        )
      }
      expect(await messagesOf(await call.send('GET', path))).toEqual(whole)
    },
  )

  it('finds the run that goes on in a conversation', async () => {
    const { call } = openServer({ agent: waiting, dialects: DIALECTS })
    const first = await call.send('POST', '/runs?dialect=ai-sdk-ui', { id: 'chat 1', messages: [] })
    const runId = /[0-9a-f]{32}/.exec(first.headers.get('content-location') ?? '')?.[0]
    const other = await call.send('GET', '/runs/chat%202/stream?dialect=ai-sdk-ui')
    expect(other.status).toBe(204)
    const found = await call.send('GET', '/runs/chat%201/stream?dialect=ai-sdk-ui')
    await call.send('POST', `/runs/${runId}/cancel`, {})
    expect(await messagesOf(found)).toEqual(await messagesOf(first))
    expect((await call.send('GET', '/runs/chat%201/stream?dialect=ai-sdk-ui')).status).toBe(204)
    expect((await call.send('GET', '/runs/chat%201/stream')).status).toBe(400)
  })

  it('lets a message that is continued keep its id', async () => {
    const { call } = openServer({ agent, dialects: DIALECTS })
    const messages = [
      { id: 'u1', role: 'user', parts: [] },
      { id: 'a1', role: 'assistant', parts: [] },
    ]
    const [start] = await messagesOf(
      await call.send('POST', '/runs?dialect=ai-sdk-ui', { id: 'c', messages }),
    )
    expect(JSON.parse(start?.data ?? '')).toEqual({ type: 'start', messageId: 'a1' })
  })

  it('breaks a stream off that ends before the run does', async () => {
    const log = memoryLog()
    const { call } = openServer({ agent: waiting, log, dialects: DIALECTS })
    const started = await call.send('POST', '/runs?dialect=ai-sdk-ui', {})
    await log.close()
    await expect(started.text()).rejects.toThrow('The log was closed before the run ended')
  })
})
