import type { FileHandle } from 'node:fs/promises'

/** A line of a file, without its line end. */
export interface ScannedLine {
  readonly text: string
  readonly offset: number
  /** Where the next line begins. */
  readonly nextOffset: number
}

const CHUNK_BYTES = 65_536
const LINE_END = 0x0a

/**
 * Visits the lines from `start`, where one begins, to `end`, until `visit` returns false. The last one may lack its
 * line end. Reads ahead by one chunk, which grows with the line that it holds.
 */
export async function scanLines(
  handle: FileHandle,
  start: number,
  end: number,
  visit: (line: ScannedLine) => boolean,
): Promise<void> {
  let held: Buffer = Buffer.alloc(0)
  let offset = start
  for (let position = start; position < end; ) {
    const chunk = await readChunk(handle, position, Math.min(end, position + CHUNK_BYTES + held.length))
    if (chunk.length === 0) break
    position += chunk.length
    const bytes = held.length > 0 ? Buffer.concat([held, chunk]) : chunk
    let from = 0
    // What is held has no line end in it.
    for (let to = bytes.indexOf(LINE_END, held.length); to >= 0; to = bytes.indexOf(LINE_END, from)) {
      const line = { text: bytes.toString('utf8', from, to), offset, nextOffset: offset + to + 1 - from }
      if (!visit(line)) return
      offset = line.nextOffset
      from = to + 1
    }
    held = bytes.subarray(from)
  }
  if (held.length > 0) visit({ text: held.toString(), offset, nextOffset: end })
}

/** Where the first line begins that begins behind `position`; `end` if there is none. */
export async function nextLineStart(handle: FileHandle, position: number, end: number): Promise<number> {
  for (let at = position; at < end; ) {
    const chunk = await readChunk(handle, at, Math.min(end, at + CHUNK_BYTES))
    if (chunk.length === 0) break
    const lineEnd = chunk.indexOf(LINE_END)
    if (lineEnd >= 0) return at + lineEnd + 1
    at += chunk.length
  }
  return end
}

async function readChunk(handle: FileHandle, position: number, end: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(end - position)
  const { bytesRead } = await handle.read(bytes, 0, bytes.length, position)
  return bytes.subarray(0, bytesRead)
}
