import { AgentStreamError, createSseReader, type SseMessage } from '@agent-stream/protocol'
import { createEventScrubber, type Scrubber } from '@agent-stream/protocol/scrub'

import type { Edit } from './edit-pieces.ts'

/** A message and where its lines stand in the text. */
interface PlacedMessage {
  readonly message: SseMessage
  readonly start: number
  readonly end: number
}

interface PlacedPayload extends PlacedMessage {
  readonly payload: unknown
}

/**
 * What has to change in an event stream's text so that its messages have no secrets: also none that is spread over the
 * fragments of several messages, as a model's answer is.
 */
export function scrubEvents(text: string, scrubber: Scrubber): readonly Edit[] {
  const edits: Edit[] = []
  const events = createEventScrubber<PlacedPayload>(scrubber, (data, { payload, start, end }) => {
    // The same object where nothing was redacted.
    if (data === payload) return
    const scrubbed = JSON.stringify(data)
    if (scrubbed !== JSON.stringify(payload)) edits.push(dataEdit(text, start, end, scrubbed))
  })
  for (const placed of placedMessages(text)) {
    const { event = 'message', data } = placed.message
    const payload = parseJson(data)
    // What is no JSON is left to those who look at the text.
    if (payload !== undefined) events.push(event, payload, { ...placed, payload })
  }
  events.end()
  return edits
}

/** The reader is given a line at a time: what it says then stands before the line's end. */
function placedMessages(text: string): readonly PlacedMessage[] {
  const placed: PlacedMessage[] = []
  let start = 0
  let end = 0
  const reader = createSseReader({
    onMessage: (message) => {
      placed.push({ message, start, end })
      start = end
    },
  })
  try {
    for (const [lineEnd, index] of lineEnds(text)) {
      const line = text.slice(end, index)
      end = index + lineEnd.length
      // Its own `\r` would have to wait for what follows.
      reader.feed(`${line}\n`)
    }
    // A last message that was cut is looked at, too.
    const rest = text.slice(end)
    end = text.length
    reader.feed(`${rest}\n\n`)
  } catch (error) {
    if (!(error instanceof AgentStreamError)) throw error
  }
  return placed
}

function* lineEnds(text: string): Generator<readonly [lineEnd: string, index: number]> {
  for (const match of text.matchAll(/\r\n|\r|\n/g)) yield [match[0], match.index]
}

/** The payload is written in the place of all its lines, in the first one. */
function dataEdit(text: string, start: number, end: number, payload: string): Edit {
  const lines = [...text.slice(start, end).matchAll(/^(?:\uFEFF)?data:? ?(.*)$/gm)]
  const first = lines[0]
  const last = lines.at(-1)
  if (!first || !last) return { start, end, text: `data: ${payload}\n\n` }
  const valueStart = start + first.index + first[0].length - (first[1] as string).length
  return narrowed(text, { start: valueStart, end: start + last.index + last[0].length, text: payload })
}

/** Without what is the same at both ends. */
function narrowed(text: string, { start, end, text: replacement }: Edit): Edit {
  const max = Math.min(end - start, replacement.length)
  let before = 0
  while (before < max && text[start + before] === replacement[before]) before++
  let after = 0
  while (after < max - before && text[end - 1 - after] === replacement[replacement.length - 1 - after])
    after++
  return {
    start: start + before,
    end: end - after,
    text: replacement.slice(before, replacement.length - after),
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
