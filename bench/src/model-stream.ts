/** A model's own stream, as it was recorded, through the client with its dialect and through the AI SDK. */
import { readFileSync } from 'node:fs'

import { AgentStreamClient } from '@agent-stream/core'
import { openaiChat } from '@agent-stream/protocol/dialects/openai-chat'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { streamText } from 'ai'
import { createParser } from 'eventsource-parser'

import { type Stream, streamOf } from './streams.ts'

const RECORDED = new URL(
  '../../spec/dialects/streams/openai-chat/deepseek-reasoner-4800-events.sse',
  import.meta.url,
)

/** 4,835 chunks of thinking and text; with `times` over 1, all but the end of them so often. */
export function deepSeek(times: number, perChunk: number): Stream {
  const frames = readFileSync(RECORDED, 'utf8')
    .split('\n\n')
    .filter(Boolean)
    .map((frame) => `${frame}\n\n`)
  const [body, end] = [frames.slice(0, -2), frames.slice(-2)]
  const all = [...Array.from({ length: times }, () => body).flat(), ...end]
  return streamOf(
    `DeepSeek, ${all.length.toLocaleString('en')} chunks, ${perChunk} at once`,
    all,
    perChunk,
    all.length,
  )
}

/** The least: decode, parse SSE, `JSON.parse` each chunk, concatenate. */
export async function chatLimit({ chunks }: Stream): Promise<number> {
  const decoder = new TextDecoder()
  let text = ''
  const parser = createParser({
    onEvent({ data }) {
      if (data === '[DONE]') return
      const { delta } = JSON.parse(data).choices[0]
      text += (delta.reasoning_content ?? '') + (delta.content ?? '')
    },
  })
  for (const chunk of chunks) parser.feed(decoder.decode(chunk, { stream: true }))
  return text.length
}

/** The whole client, from a fetched body to a subscriber that reads thinking and text. */
export async function chatClient(stream: Stream): Promise<number> {
  let length = 0
  const reader = new AgentStreamClient({ fetch: async () => stream.response(), dialects: [openaiChat] })
  reader.subscribe(() => {
    const { text, thinking } = reader.getSnapshot()
    length = text.length + thinking.length
  })
  const { status } = await reader.start('/')
  if (status !== 'done') throw new Error(`the client ended in ${status}`)
  return length
}

/** `streamText` of the AI SDK, read to its end. */
export async function chatAiSdk(stream: Stream): Promise<number> {
  const provider = createOpenAICompatible({
    name: 'recorded',
    baseURL: 'http://localhost',
    fetch: async () => stream.response(),
  })
  let length = 0
  const { fullStream } = streamText({ model: provider('deepseek-reasoner'), prompt: 'Hello' })
  for await (const part of fullStream) {
    if (part.type === 'text-delta' || part.type === 'reasoning-delta') length += part.text.length
  }
  return length
}
