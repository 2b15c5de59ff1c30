import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { HttpAgent } from '@ag-ui/client'
import { agUiWire } from '@agent-stream/protocol/dialects/ag-ui'
import { aiSdkUiWire } from '@agent-stream/protocol/dialects/ai-sdk-ui'
import { AbstractChat, type ChatState, type ChatStatus, DefaultChatTransport, type UIMessage } from 'ai'
import { afterEach, describe, expect, it } from 'vitest'

import { type Agent, allowAll, createRunServer, memoryLog, toNodeListener } from '../../src/index.ts'

/** A chat as `useChat` has one, without a framework. */
class Chat extends AbstractChat<UIMessage> {
  constructor(id: string, api: string, messages: UIMessage[] = []) {
    super({ id, transport: new DefaultChatTransport({ api }), state: new PlainState(messages) })
  }
}

class PlainState implements ChatState<UIMessage> {
  status: ChatStatus = 'ready'
  error: Error | undefined
  messages: UIMessage[]

  constructor(messages: UIMessage[]) {
    this.messages = messages
  }
  pushMessage = (message: UIMessage) => {
    this.messages = [...this.messages, message]
  }
  popMessage = () => {
    this.messages = this.messages.slice(0, -1)
  }
  replaceMessage = (index: number, message: UIMessage) => {
    this.messages = this.messages.with(index, this.snapshot(message))
  }
  snapshot = <T>(value: T): T => structuredClone(value)
}

/** Waits in the middle until it is let go on. */
function pausing() {
  let goOn = (): void => undefined
  const promise = new Promise<void>((resolve) => {
    goOn = resolve
  })
  const agent: Agent = async function* ({ input }) {
    yield { type: 'thinking', text: 'Hm.' }
    yield { type: 'tool_use', toolName: 'add', toolUseId: 't1', input: { a: 1, b: 2 } }
    yield { type: 'tool_result', toolName: 'add', toolUseId: 't1', output: { sum: 3 } }
    yield { type: 'turn', turnNumber: 2 }
    yield { type: 'token', text: 'It is ' }
    await promise
    yield { type: 'token', text: `three (${Object.keys(input as object).join()}).` }
  }
  return { agent, goOn }
}

const closers: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function serve(agent: Agent): Promise<string> {
  const dialects = [aiSdkUiWire, agUiWire]
  const runs = createRunServer({ log: memoryLog(), agent, authorize: allowAll, dialects })
  const server = createServer(toNodeListener(runs))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  closers.push(() => {
    server.closeAllConnections()
    server.close()
    return runs.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/runs`
}

const textOf = (message: UIMessage | undefined) =>
  message?.parts.map((part) => (part.type === 'text' ? part.text : '')).join('')

describe('published clients', () => {
  it('useChat starts a run and reads it', async () => {
    const { agent, goOn } = pausing()
    goOn()
    const chat = new Chat('chat-1', `${await serve(agent)}?dialect=ai-sdk-ui`)
    await chat.sendMessage({ text: 'Add' })
    expect(chat.status).toBe('ready')
    expect(chat.messages.map(({ role }) => role)).toEqual(['user', 'assistant'])
    expect(textOf(chat.lastMessage)).toBe('It is three (id,messages,trigger).')
    expect(chat.lastMessage?.parts).toContainEqual(
      expect.objectContaining({
        type: 'tool-add',
        state: 'output-available',
        input: { a: 1, b: 2 },
        output: { sum: 3 },
      }),
    )
  })

  it('useChat finds its run again after a reload, and nothing where there is none', async () => {
    const { agent, goOn } = pausing()
    const api = `${await serve(agent)}?dialect=ai-sdk-ui`
    const first = new Chat('chat-1', api)
    const sent = first.sendMessage({ text: 'Add' })
    while (textOf(first.lastMessage) !== 'It is ') await new Promise(setImmediate)
    const [question] = first.messages
    const second = new Chat('chat-1', api, question && [question])
    const resumed = second.resumeStream()
    while (textOf(second.lastMessage) !== 'It is ') await new Promise(setImmediate)
    goOn()
    await Promise.all([sent, resumed])
    expect(second.messages).toEqual(first.messages)
    expect(textOf(second.lastMessage)).toBe('It is three (id,messages,trigger).')
    await second.resumeStream()
    expect(second.status).toBe('ready')
    expect(second.messages).toEqual(first.messages)
  })

  it('HttpAgent starts a run and reads it, under its own ids', async () => {
    const { agent, goOn } = pausing()
    goOn()
    const client = new HttpAgent({ url: `${await serve(agent)}?dialect=ag-ui`, threadId: 'th' })
    const started: unknown[] = []
    await client.runAgent(
      { runId: 'ru' },
      { onRunStartedEvent: ({ event }) => void started.push([event.threadId, event.runId]) },
    )
    expect(started).toEqual([['th', 'ru']])
    expect(client.messages.map(({ role, content }) => [role, content])).toEqual([
      ['reasoning', 'Hm.'],
      ['assistant', undefined],
      ['tool', '{"sum":3}'],
      ['assistant', expect.stringMatching(/^It is three \(/)],
    ])
  })
})
