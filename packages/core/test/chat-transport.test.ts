import type { ChatTransport, UIMessage } from 'ai'
import { describe, expect, it } from 'vitest'

import { createChatTransport } from '../src/chat-transport.ts'
import { SimulatedClock, scriptedFetch } from '../src/testing/index.ts'

const clock = new SimulatedClock()
const BODY = 'event: token\ndata: {"text": "Hi"}\n\nevent: done\ndata: {}\n\n'
const MESSAGE: UIMessage = { id: 'u1', role: 'user', parts: [{ type: 'text', text: 'Hello' }] }
const SEND = {
  trigger: 'submit-message',
  chatId: 'c1',
  messageId: undefined,
  messages: [MESSAGE],
  abortSignal: undefined,
} as const

async function read(stream: ReadableStream<unknown>): Promise<unknown[]> {
  const chunks: unknown[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return chunks
}

describe('the chat transport', () => {
  it("is one of the AI SDK's", async () => {
    const { fetch } = scriptedFetch([{ body: [BODY] }], clock)
    const transport: ChatTransport<UIMessage> = createChatTransport<UIMessage>({ fetch, clock })
    const stream = await transport.sendMessages({ ...SEND, messages: [MESSAGE] })
    expect(await read(stream)).toEqual([
      { type: 'start' },
      { type: 'start-step' },
      { type: 'text-start', id: 'text' },
      { type: 'text-delta', id: 'text', delta: 'Hi' },
      { type: 'text-end', id: 'text' },
      { type: 'finish-step' },
      { type: 'finish', finishReason: 'stop' },
    ])
  })

  it("sends what the AI SDK's own does", async () => {
    const { fetch, requests } = scriptedFetch([{ body: [BODY] }], clock)
    const transport = createChatTransport({
      fetch,
      clock,
      baseUrl: 'https://app.example',
      api: '/chat',
      headers: () => ({ 'x-own': '1' }),
      body: async () => ({ model: 'm' }),
    })
    await read(
      await transport.sendMessages({
        ...SEND,
        messages: [MESSAGE],
        headers: { 'X-Call': '2' },
        body: { n: 1 },
      }),
    )
    expect(requests[0]?.url).toBe('https://app.example/chat')
    expect(requests[0]?.init.headers).toMatchObject({ 'x-own': '1', 'x-call': '2' })
    expect(JSON.parse(String(requests[0]?.init.body))).toEqual({
      model: 'm',
      n: 1,
      id: 'c1',
      messages: [MESSAGE],
      trigger: 'submit-message',
    })
  })

  it('lets the request be prepared', async () => {
    const { fetch, requests } = scriptedFetch([{ body: [BODY] }], clock)
    const transport = createChatTransport<UIMessage>({
      fetch,
      clock,
      prepareSendMessagesRequest: ({ id, messages, api }) => ({
        api: `${api}/${id}`,
        body: { last: messages.at(-1) },
      }),
    })
    await read(await transport.sendMessages({ ...SEND, messages: [MESSAGE] }))
    expect(requests[0]?.url).toBe('/api/runs/c1')
    expect(JSON.parse(String(requests[0]?.init.body))).toEqual({ last: MESSAGE })
  })

  it('has nothing to resume where nothing was kept', async () => {
    const storage = { getItem: () => null, setItem: () => undefined, removeItem: () => undefined }
    const transport = createChatTransport({ clock, storage })
    expect(await transport.reconnectToStream({ chatId: 'c1' })).toBeNull()
    await expect(transport.respond('c2', 'i', true)).rejects.toThrow(TypeError)
  })
})
