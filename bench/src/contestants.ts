import { AgentStreamClient } from '@agent-stream/core'
import { createToolInputs } from '@agent-stream/protocol/partial-json'
import { createParser } from 'eventsource-parser'

import type { Stream } from './streams.ts'

/**
 * The least that a client of this wire can do: decode, parse SSE, `JSON.parse` each event, concatenate the text.
 * No stream to read from, no state, no subscriber.
 */
export async function limit({ chunks }: Stream): Promise<number> {
  const decoder = new TextDecoder()
  let text = ''
  const parser = createParser({
    onEvent({ event, data }) {
      const payload = JSON.parse(data)
      if (event === 'token') text += payload.text
    },
  })
  for (const chunk of chunks) parser.feed(decoder.decode(chunk, { stream: true }))
  return text.length
}

/** The whole client, from a fetched body to a subscriber that reads the text. */
export async function client(stream: Stream): Promise<number> {
  let length = 0
  const reader = new AgentStreamClient({ fetch: async () => stream.response() })
  reader.subscribe(() => {
    length = reader.getSnapshot().text.length
  })
  const { status } = await reader.start('/')
  if (status !== 'done') throw new Error(`the client ended in ${status}`)
  return length
}

/** The least for a tool's arguments: concatenate the fragments, and parse them once, at the end. */
export async function limitInput({ chunks }: Stream): Promise<number> {
  const decoder = new TextDecoder()
  let text = ''
  const parser = createParser({
    onEvent({ event, data }) {
      const payload = JSON.parse(data)
      if (event === 'tool_input_delta') text += payload.delta
    },
  })
  for (const chunk of chunks) parser.feed(decoder.decode(chunk, { stream: true }))
  return contentLength(JSON.parse(text))
}

/** The whole client, to a subscriber that reads the tool's arguments as far as they have come. */
export async function clientInput(stream: Stream): Promise<number> {
  const inputOf = createToolInputs()
  let length = 0
  const reader = new AgentStreamClient({ fetch: async () => stream.response() })
  reader.subscribe(() => {
    const [tool] = reader.getSnapshot().tools
    if (tool) length = contentLength(inputOf(tool).value)
  })
  await reader.start('/')
  return length
}

/** How much of the file there is in the arguments of the tool that writes it. */
export function contentLength(input: unknown): number {
  return (input as { readonly content?: string } | undefined)?.content?.length ?? 0
}
