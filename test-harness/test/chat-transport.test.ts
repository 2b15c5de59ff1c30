import { type ChatTransportOptions, createChatTransport } from '@agent-stream/core/chat-transport'
import {
  type BodyStep,
  type ScriptedResponse,
  SimulatedClock,
  scriptedFetch,
} from '@agent-stream/core/testing'
import { agUi, agUiWire } from '@agent-stream/protocol/dialects/ag-ui'
import { aiSdkUi, aiSdkUiWire } from '@agent-stream/protocol/dialects/ai-sdk-ui'
import { type Agent, allowAll, createRunServer, memoryLog } from '@agent-stream/server'
import { Chat } from '@ai-sdk/react'
import type { UIMessage } from 'ai'
import { describe, expect, it } from 'vitest'

const sse = (event: string, data: unknown, id?: number) =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
const START = sse('run_started', { run_id: 'r1', started_at: '', protocol: '1' }, 1)
const token = (text: string, id?: number) => sse('token', { text }, id)
const DONE = sse('done', {})
const LOCATED = { 'content-type': 'text/event-stream', 'content-location': '/runs/r1/events' }

/** Storage that lives as long as the test. */
function memory() {
  const items = new Map<string, string>()
  return {
    items,
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  }
}

function chatOver(responses: readonly ScriptedResponse[], options: ChatTransportOptions<UIMessage> = {}) {
  const clock = new SimulatedClock()
  const { fetch, requests } = scriptedFetch(responses, clock)
  const errors: Error[] = []
  const transport = createChatTransport<UIMessage>({
    fetch,
    clock,
    random: () => 0,
    baseUrl: 'https://app.example',
    storage: memory(),
    ...options,
  })
  const ends: { isAbort: boolean; isError: boolean }[] = []
  const chat = new Chat<UIMessage>({
    id: 'c1',
    transport,
    onError: (error) => errors.push(error),
    onFinish: ({ isAbort, isError }) => ends.push({ isAbort, isError }),
  })
  return { chat, clock, requests, errors, ends, transport }
}

const body = (...steps: BodyStep[]): ScriptedResponse => ({ body: steps })
const textOf = ({ messages }: Chat<UIMessage>) =>
  messages
    .at(-1)
    ?.parts.map((part) => (part.type === 'text' ? part.text : ''))
    .join('')

/** Sends, and lets so much time pass. */
async function send({ chat, clock }: ReturnType<typeof chatOver>, ms: number): Promise<void> {
  const sent = chat.sendMessage({ text: 'Hello' })
  await clock.advance(ms)
  await sent
}

describe('useChat over the chat transport', () => {
  it('goes on after a drop without loss and without doubling', async () => {
    const over = chatOver([
      { headers: LOCATED, body: [START, token('Hel', 2), token('lo', 3)], end: 'drop' },
      body(token(' there', 4), sse('done', {}, 5)),
    ])
    await send(over, 10_000)
    expect(textOf(over.chat)).toBe('Hello there')
    expect(over.chat.status).toBe('ready')
    expect(over.requests[1]?.init.headers).toMatchObject({ 'Last-Event-ID': '3' })
    expect(over.chat.messages).toHaveLength(2)
  })

  it('tells a repeated request once', async () => {
    const over = chatOver([
      { body: [token('Hel'), token('lo')], end: 'drop' },
      body(token('Hel'), token('lo'), token('!'), DONE),
    ])
    await send(over, 10_000)
    expect(textOf(over.chat)).toBe('Hello!')
  })

  it('takes back what a repeated request tells otherwise', async () => {
    const over = chatOver([
      { body: [token('Hel'), token('lo')], end: 'drop' },
      body(token('Good '), token('day'), DONE),
    ])
    await send(over, 10_000)
    expect(textOf(over.chat)).toBe('Good day')
    expect(over.chat.status).toBe('ready')
  })

  it('repeats no request whose tool has started, and says that the answer was cut off', async () => {
    const use = sse('tool_use', { tool_name: 'send', tool_use_id: 't1', status: 'running', input: {} })
    const over = chatOver([{ body: [token('Sending'), use], end: 'drop' }, body(token('Never'), DONE)])
    await send(over, 10_000)
    expect(over.requests).toHaveLength(1)
    expect(over.chat.status).toBe('error')
    expect(over.errors.map(({ message }) => message)).toEqual(['The stream ended before the run did'])
    expect(over.chat.messages.at(-1)?.parts.at(-1)).toMatchObject({
      type: 'tool-send',
      state: 'output-error',
    })
  })

  it('says what the server says that it cannot do', async () => {
    const headers = { 'content-type': 'application/json' }
    const over = chatOver([{ status: 503, headers, body: ['{"message": "Out of models"}'] }])
    await send(over, 10_000)
    expect(over.chat.status).toBe('error')
    expect(over.errors.map(({ message }) => message)).toEqual(['Out of models'])
  })

  it('says that a stream which ended quietly was cut off', async () => {
    const over = chatOver([body(token('Hel'))])
    await send(over, 1000)
    expect(over.chat.status).toBe('error')
    expect(textOf(over.chat)).toBe('Hel')
    expect(over.errors.map(({ message }) => message)).toEqual(['The stream ended before the run did'])
  })

  it("says the agent's error where it is the end, and goes on where it is not", async () => {
    const error = sse('error', { error_type: 'quota', message: 'Slow down' })
    const failed = chatOver([body(token('a'), error, sse('done', { is_error: true }))])
    await send(failed, 1000)
    expect(failed.errors.map(({ message }) => message)).toEqual(['Slow down'])
    const recovered = chatOver([body(error, token('a'), DONE)])
    await send(recovered, 1000)
    expect(recovered.chat.status).toBe('ready')
    expect(textOf(recovered.chat)).toBe('a')
  })

  it('takes a result that comes before its call', async () => {
    const result = sse('tool_result', { tool_name: 'add', tool_use_id: 't1', status: 'done', output: 3 })
    const use = sse('tool_use', { tool_name: 'add', tool_use_id: 't1', status: 'running', input: { a: 1 } })
    const over = chatOver([body(result, use, token('3'), DONE)])
    await send(over, 1000)
    expect(over.chat.messages.at(-1)?.parts).toContainEqual(
      expect.objectContaining({ type: 'tool-add', state: 'output-available', input: { a: 1 }, output: 3 }),
    )
  })

  it('cancels the run when the chat is stopped', async () => {
    const over = chatOver([
      { headers: LOCATED, body: [START, token('Hel', 2)], end: 'hang' },
      { status: 202, headers: { 'content-type': 'application/json' }, body: ['{}'] },
    ])
    const sent = over.chat.sendMessage({ text: 'Hello' })
    await over.clock.advance(10)
    await over.chat.stop()
    await over.clock.advance(10)
    await sent
    expect(over.chat.status).toBe('ready')
    expect(over.ends).toEqual([{ isAbort: true, isError: false }])
    expect(textOf(over.chat)).toBe('Hel')
    expect(over.requests.map(({ url }) => url)).toEqual([
      'https://app.example/api/runs',
      'https://app.example/runs/r1/cancel',
    ])
  })

  it('finds its run again after a reload', async () => {
    const storage = memory()
    const before = chatOver([{ headers: LOCATED, body: [START, token('Hel', 2)], end: 'hang' }], { storage })
    void before.chat.sendMessage({ text: 'Hello' })
    await before.clock.advance(10)
    expect(storage.items.get('agent-stream:c1')).toContain('r1')
    const whole = [START, token('Hel', 2), token('lo', 3), sse('done', {}, 4)]
    const after = chatOver([body(...whole)], { storage })
    after.chat.messages = before.chat.messages.slice(0, 1)
    const resumed = after.chat.resumeStream()
    await after.clock.advance(1000)
    await resumed
    expect(textOf(after.chat)).toBe('Hello')
    expect(after.requests[0]?.url).toBe('https://app.example/runs/r1/events')
    expect(storage.items.size).toBe(0)
    await after.chat.resumeStream()
    expect(after.chat.status).toBe('ready')
    expect(after.requests).toHaveLength(1)
  })

  it('does not double what it shows already when it resumes', async () => {
    const storage = memory()
    const over = chatOver(
      [
        { headers: LOCATED, body: [START, token('Hel', 2)], end: 'hang' },
        body(START, token('Hel', 2), token('lo', 3), sse('done', {}, 4)),
      ],
      { storage },
    )
    void over.chat.sendMessage({ text: 'Hello' })
    await over.clock.advance(10)
    over.transport.close()
    await over.clock.advance(10)
    const resumed = over.chat.resumeStream()
    await over.clock.advance(1000)
    await resumed
    expect(textOf(over.chat)).toBe('Hello')
    expect(over.chat.messages).toHaveLength(2)
  })

  it('has nothing to resume of a run that is gone', async () => {
    const storage = memory()
    storage.setItem(
      'agent-stream:c1',
      JSON.stringify({ runId: 'r1', eventsUrl: 'https://app.example/runs/r1/events' }),
    )
    const gone = {
      status: 404,
      headers: { 'content-type': 'application/json' },
      body: ['{"code": "unknown_run"}'],
    }
    const over = chatOver([gone], { storage })
    const resumed = over.chat.resumeStream()
    await over.clock.advance(1000)
    await resumed
    expect(over.chat.status).toBe('ready')
    expect(over.errors).toEqual([])
    expect(storage.items.size).toBe(0)
  })

  it('answers an approval that the agent waits for', async () => {
    const agent: Agent = async function* ({ requestInput }) {
      yield { type: 'tool_use', toolName: 'send', toolUseId: 't1', input: { to: 'ada' } }
      const isAllowed = await requestInput({ kind: 'approval', message: 'Send it?', toolUseId: 't1' })
      yield { type: 'tool_result', toolName: 'send', toolUseId: 't1', output: isAllowed }
      yield { type: 'token', text: isAllowed ? 'Sent.' : 'Kept.' }
    }
    const server = createRunServer({ log: memoryLog(), agent, authorize: allowAll, basePath: '/api' })
    const fetch: typeof globalThis.fetch = (input, init) => server.fetch(new Request(input, init))
    const transport = createChatTransport<UIMessage>({
      fetch,
      baseUrl: 'https://app.example',
      storage: memory(),
    })
    const chat = new Chat<UIMessage>({ id: 'c1', transport })
    const sent = chat.sendMessage({ text: 'Send' })
    const part = () => chat.messages.at(-1)?.parts.find(({ type }) => type === 'tool-send')
    while (!part() || (part() as { state: string }).state !== 'approval-requested')
      await new Promise(setImmediate)
    const { approval } = part() as unknown as { approval: { id: string } }
    await transport.respond('c1', approval.id, true)
    await sent
    expect(textOf(chat)).toBe('Sent.')
    expect(part()).toMatchObject({ state: 'output-available', output: true, approval: { approved: true } })
    await server.close()
  })

  it.each([
    ['ai-sdk-ui', aiSdkUi],
    ['ag-ui', agUi],
  ])('reads a server that speaks %s', async (name, dialect) => {
    const agent: Agent = async function* () {
      yield { type: 'tool_use', toolName: 'add', toolUseId: 't1', input: { a: 1 } }
      yield { type: 'tool_result', toolName: 'add', toolUseId: 't1', output: { sum: 3 } }
      yield { type: 'token', text: 'Three.' }
    }
    const dialects = [aiSdkUiWire, agUiWire]
    const server = createRunServer({
      log: memoryLog(),
      agent,
      authorize: allowAll,
      basePath: '/api',
      dialects,
    })
    const fetch: typeof globalThis.fetch = (input, init) => server.fetch(new Request(input, init))
    const transport = createChatTransport<UIMessage>({
      fetch,
      baseUrl: 'https://app.example',
      api: `/api/runs?dialect=${name}`,
      dialects: dialect,
      storage: memory(),
    })
    const chat = new Chat<UIMessage>({ id: 'c1', transport })
    await chat.sendMessage({ text: 'Add' })
    expect(chat.status).toBe('ready')
    expect(textOf(chat)).toBe('Three.')
    expect(chat.messages.at(-1)?.parts).toContainEqual(
      expect.objectContaining({
        type: 'tool-add',
        state: 'output-available',
        input: { a: 1 },
        output: { sum: 3 },
      }),
    )
    await server.close()
  })
})
