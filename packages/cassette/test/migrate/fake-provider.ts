import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FakeProvider {
  /** Up to and including the version. */
  readonly baseUrl: string
  /** The bodies that were asked, in their order. */
  readonly requests: readonly AskedRequest[]
  close(): Promise<void>
}

interface AskedRequest {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: {
    readonly messages: readonly { readonly role: string; readonly content: unknown }[]
  } & Record<string, unknown>
}

/** Answers instead of the fake provider if it returns true. */
export type Intervene = (request: AskedRequest, response: ServerResponse, number: number) => boolean

/**
 * A server on the loopback that streams answers as OpenAI's chat completions (`/chat/completions`) and as Anthropic's
 * Messages (`/messages`): `Order 7 is on its way.`, and something else for every tenth.
 */
export async function startFakeProvider(intervene: Intervene = () => false): Promise<FakeProvider> {
  const requests: AskedRequest[] = []
  const server = createServer(async (incoming, response) => {
    const request = {
      path: incoming.url ?? '',
      headers: incoming.headers,
      body: JSON.parse(await textOf(incoming)),
    }
    requests.push(request)
    if (intervene(request, response, requests.length)) return
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
    const text = answerTo(request)
    const frames = request.path.endsWith('/messages') ? anthropicFrames(text) : openaiFrames(text)
    for (const frame of frames) response.write(frame)
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

function answerTo({ body }: AskedRequest): string {
  const asked = JSON.stringify(body.messages.at(-1)?.content)
  const number = Number(/order (\d+)/.exec(asked)?.[1] ?? 0)
  return number % 10 === 0 ? `I cannot find order ${number}, sorry.` : `Order ${number} is on its way.`
}

function* openaiFrames(text: string): Generator<string> {
  const chunk = (delta: object, more: object = {}) =>
    `data: ${JSON.stringify({ id: 'chatcmpl-2', object: 'chat.completion.chunk', model: 'gpt-5', choices: [{ index: 0, delta, finish_reason: null, ...more }] })}\n\n`
  yield chunk({ role: 'assistant', content: '' })
  for (const word of text.split(/(?<= )/)) yield chunk({ content: word })
  yield chunk({}, { finish_reason: 'stop' })
  yield `data: ${JSON.stringify({ id: 'chatcmpl-2', object: 'chat.completion.chunk', model: 'gpt-5', choices: [], usage: { prompt_tokens: 21, completion_tokens: 14, total_tokens: 35 } })}\n\n`
  yield 'data: [DONE]\n\n'
}

function* anthropicFrames(text: string): Generator<string> {
  const event = (type: string, fields: object) =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`
  yield event('message_start', {
    message: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'claude-haiku-4-5',
      content: [],
      usage: { input_tokens: 22, output_tokens: 1 },
    },
  })
  yield event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } })
  for (const word of text.split(/(?<= )/))
    yield event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: word } })
  yield event('content_block_stop', { index: 0 })
  yield event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 15 } })
  yield event('message_stop', {})
}
