import type { Scrubber } from '@agent-stream/protocol/scrub'

import { editPieces } from './edit-pieces.ts'
import { scrubEvents } from './scrub-events.ts'
import { textChunks } from './text-chunks.ts'

/**
 * The chunks of a body without secrets, however the chunks or the messages of an event stream cut them: as many chunks,
 * the same ones where there is no secret.
 */
export function scrubBody(
  chunks: readonly Uint8Array[],
  contentType: string,
  scrubber: Scrubber,
): readonly Uint8Array[] {
  const { texts, encode } = textChunks(chunks)
  const scrubbed = scrubPieces(texts, contentType, scrubber)
  if (scrubbed.every((text, i) => text === texts[i])) return chunks
  return scrubbed.map(encode)
}

function scrubPieces(texts: readonly string[], contentType: string, scrubber: Scrubber): readonly string[] {
  if (/^text\/event-stream\b/i.test(contentType)) {
    const edits = scrubEvents(texts.join(''), scrubber)
    return scrubStream(editPieces(texts, edits), scrubber)
  }
  return scrubJsonPieces(scrubStream(texts, scrubber), scrubber)
}

/** As one text, whose secrets may be spread over pieces. */
function scrubStream(texts: readonly string[], scrubber: Scrubber): readonly string[] {
  const stream = scrubber.stream()
  const scrubbed: string[] = []
  for (const text of texts) stream.push(text, (piece) => scrubbed.push(piece))
  stream.end()
  return scrubbed
}

/** What is secret by its place in JSON. Only what has such a secret is written anew, in its first piece. */
function scrubJsonPieces(texts: readonly string[], scrubber: Scrubber): readonly string[] {
  const text = texts.join('')
  if (!/^\s*[{[]/.test(text)) return texts
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return texts
  }
  const scrubbed = scrubber.json(value)
  if (scrubbed === value) return texts
  return editPieces(texts, [{ start: 0, end: text.length, text: JSON.stringify(scrubbed) }])
}
