import { AgentStreamClient } from '@agent-stream/core'
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
export async function client({ chunks }: Stream): Promise<number> {
  let length = 0
  const stream = new AgentStreamClient({ fetch: async () => responseOf(chunks) })
  stream.subscribe(() => {
    length = stream.getSnapshot().text.length
  })
  const { status } = await stream.start('/')
  if (status !== 'done') throw new Error(`the client ended in ${status}`)
  return length
}

function responseOf(chunks: readonly Uint8Array[]): Response {
  let next = 0
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = chunks[next++]
      if (chunk) controller.enqueue(chunk)
      else controller.close()
    },
  })
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
}
