/** The same run through other published clients, each in its own dialect and through its own public API. */
import { HttpAgent } from '@ag-ui/client'
import { DefaultChatTransport, readUIMessageStream, type UIMessage } from 'ai'

import { contentLength } from './contestants.ts'
import { type RunEvent, type Stream, streamOf } from './streams.ts'

/** `ai`: the transport of `useChat`, and the reader that builds its messages. */
export function aiSdkStream(name: string, events: readonly RunEvent[], perChunk: number): Stream {
  const data = (chunk: unknown) => `data: ${JSON.stringify(chunk)}\n\n`
  const isStreamed = events.some(({ kind }) => kind === 'input')
  const frames = events.flatMap((event): string[] => {
    if (event.kind === 'token') return [data({ type: 'text-delta', id: '1', delta: event.text })]
    if (event.kind === 'input')
      return [data({ type: 'tool-input-delta', toolCallId: event.id, inputTextDelta: event.delta })]
    const { id: toolCallId, name: toolName } = event
    if (event.kind === 'tool' && isStreamed) return [data({ type: 'tool-input-start', toolCallId, toolName })]
    return event.kind === 'tool'
      ? [data({ type: 'tool-input-available', toolCallId, toolName, input: {} })]
      : [data({ type: 'tool-output-available', toolCallId, output: event.output })]
  })
  const head = [{ type: 'start' }, { type: 'start-step' }, { type: 'text-start', id: '1' }].map(data)
  const tail = [{ type: 'text-end', id: '1' }, { type: 'finish-step' }, { type: 'finish' }].map(data)
  return streamOf(name, [...head, ...frames, ...tail, 'data: [DONE]\n\n'], perChunk, events.length)
}

export async function aiSdk(stream: Stream): Promise<number> {
  const message = await readWithAiSdk(stream)
  return (
    message?.parts.reduce((length, part) => length + (part.type === 'text' ? part.text.length : 0), 0) ?? 0
  )
}

/** The arguments of its tool: what the last message has of the file that they hold. */
export async function aiSdkInput(stream: Stream): Promise<number> {
  const message = await readWithAiSdk(stream)
  const part = message?.parts.find(({ type }) => type.startsWith('tool-')) as { input?: unknown } | undefined
  return contentLength(part?.input)
}

async function readWithAiSdk(stream: Stream): Promise<UIMessage | undefined> {
  const transport = new DefaultChatTransport({
    api: 'http://localhost/',
    fetch: async () => stream.response(),
  })
  const chunks = await transport.sendMessages({
    trigger: 'submit-message',
    chatId: '1',
    messageId: undefined,
    messages: [],
    abortSignal: undefined,
  })
  let last: UIMessage | undefined
  for await (const message of readUIMessageStream({ stream: chunks })) last = message
  return last
}

/** AG-UI: its HTTP agent, with a subscriber that reads the text. */
export function agUiStream(name: string, events: readonly RunEvent[], perChunk: number): Stream {
  const data = (event: unknown) => `data: ${JSON.stringify(event)}\n\n`
  const run = { threadId: 't', runId: 'r' }
  const frames = events.flatMap((event): string[] => {
    if (event.kind === 'token')
      return [data({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'm', delta: event.text })]
    if (event.kind === 'input')
      return [data({ type: 'TOOL_CALL_ARGS', toolCallId: event.id, delta: event.delta })]
    const toolCallId = event.id
    return event.kind === 'tool'
      ? [
          data({ type: 'TOOL_CALL_START', toolCallId, toolCallName: event.name }),
          data({ type: 'TOOL_CALL_END', toolCallId }),
        ]
      : [
          data({
            type: 'TOOL_CALL_RESULT',
            messageId: `r-${toolCallId}`,
            toolCallId,
            content: JSON.stringify(event.output),
          }),
        ]
  })
  const head = [
    { type: 'RUN_STARTED', ...run },
    { type: 'TEXT_MESSAGE_START', messageId: 'm', role: 'assistant' },
  ]
  const tail = [
    { type: 'TEXT_MESSAGE_END', messageId: 'm' },
    { type: 'RUN_FINISHED', ...run },
  ]
  return streamOf(name, [...head.map(data), ...frames, ...tail.map(data)], perChunk, events.length)
}

export async function agUi(stream: Stream): Promise<number> {
  const agent = new HttpAgent({ url: 'http://localhost/', fetch: async () => stream.response() })
  let length = 0
  await agent.runAgent(
    {},
    {
      onTextMessageContentEvent: ({ textMessageBuffer, event }) => {
        length = textMessageBuffer.length + event.delta.length
      },
    },
  )
  return length
}
