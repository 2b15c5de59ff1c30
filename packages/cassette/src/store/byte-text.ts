/**
 * Bytes as a person can read them and JSON can hold them: text, with what is left of characters that are cut at either
 * end in hexadecimal; base64 where it is no text.
 */
export type ByteText =
  | { readonly head?: string; readonly text: string; readonly tail?: string }
  | { readonly base64: string }

const CONTINUATION = 0x80
const CONTINUATION_MASK = 0xc0

export function byteText(bytes: Uint8Array): ByteText {
  const headBytes = continuationBytes(bytes)
  const tailStart = bytes.length - cutBytes(bytes, headBytes)
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    const text = decoder.decode(bytes.subarray(headBytes, tailStart))
    const head = hex(bytes.subarray(0, headBytes))
    const tail = hex(bytes.subarray(tailStart))
    return { ...(head && { head }), text, ...(tail && { tail }) }
  } catch {
    return { base64: Buffer.from(bytes).toString('base64') }
  }
}

/** Throws `TypeError` for what is none. */
export function bytesOf(value: unknown): Uint8Array {
  const { head = '', text, tail = '', base64 } = (value ?? {}) as Readonly<Record<string, unknown>>
  if (typeof base64 === 'string') return Buffer.from(base64, 'base64')
  if (typeof text !== 'string' || typeof head !== 'string' || typeof tail !== 'string') {
    throw new TypeError('a body is neither "text" nor "base64"')
  }
  return Buffer.concat([Buffer.from(head, 'hex'), Buffer.from(text), Buffer.from(tail, 'hex')])
}

/** How many bytes at the start belong to a character that began before. */
function continuationBytes(bytes: Uint8Array): number {
  let count = 0
  while (count < 3 && ((bytes[count] ?? 0) & CONTINUATION_MASK) === CONTINUATION) count++
  return count
}

/** How many bytes at the end begin a character that ends later. */
function cutBytes(bytes: Uint8Array, from: number): number {
  for (let count = 1; count <= 3 && bytes.length - count >= from; count++) {
    const byte = bytes[bytes.length - count] as number
    if ((byte & CONTINUATION_MASK) === CONTINUATION) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    return length > count ? count : 0
  }
  return 0
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
