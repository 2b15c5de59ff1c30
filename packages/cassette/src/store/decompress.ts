import type { Transform } from 'node:stream'
import * as zlib from 'node:zlib'

import type { CapturedChunk } from '../exchange.ts'

/** By the first byte of the body. */
const DECODERS: Readonly<Record<string, (first: number) => Transform>> = {
  gzip: () => zlib.createGunzip(),
  'x-gzip': () => zlib.createGunzip(),
  // Some servers leave out the header that the name promises.
  deflate: (first) => ((first & 0x0f) === 8 ? zlib.createInflate() : zlib.createInflateRaw()),
  br: () => zlib.createBrotliDecompress(),
  // Node's own from 22.15 on.
  zstd: () => zlib.createZstdDecompress(),
}

/** More is no answer of a model: 256 MiB. */
const MAX_DECODED_BYTES = 2 ** 28

/**
 * Chunks as they were before they were compressed, each with what it brought, at its time. `encodings` is the value of
 * `content-encoding`: gzip, deflate, br or zstd, also several in a row. Rejects with `TypeError` for what cannot be
 * decoded; a body that is cut gives what there is of it.
 */
export async function decompress(
  chunks: readonly CapturedChunk[],
  encodings: string,
): Promise<readonly CapturedChunk[]> {
  let decoded = chunks
  for (const encoding of encodings.toLowerCase().split(',').reverse()) {
    decoded = await decompressOnce(decoded, encoding.trim())
  }
  return decoded
}

async function decompressOnce(
  chunks: readonly CapturedChunk[],
  encoding: string,
): Promise<readonly CapturedChunk[]> {
  if (encoding === 'identity') return chunks
  const create = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding] : undefined
  if (!create) throw new TypeError(`its content-encoding is "${encoding}"`)
  const first = chunks.find(({ bytes }) => bytes.length > 0)
  const decoder = create(first?.bytes[0] ?? 0)
  const output = collect(decoder)
  const decoded: CapturedChunk[] = []
  try {
    for (const { bytes, atMs } of chunks) {
      await Promise.race([written(decoder, bytes), output.failed])
      const part = output.take()
      if (part.length > 0) decoded.push({ bytes: part, atMs })
    }
  } catch (cause) {
    throw new TypeError(`its body is not ${encoding}`, { cause })
  } finally {
    decoder.destroy()
  }
  return decoded
}

/** Takes what comes as it comes: a decoder whose output nobody takes stands still. */
function collect(decoder: Transform) {
  let parts: Buffer[] = []
  let sizeBytes = 0
  const failed = new Promise<never>((_, reject) => {
    decoder.on('error', reject)
    decoder.on('data', (part: Buffer) => {
      sizeBytes += part.length
      if (sizeBytes <= MAX_DECODED_BYTES) parts.push(part)
      else decoder.destroy()
    })
  })
  // It may fail when nobody waits for it any more.
  failed.catch(() => undefined)
  return {
    failed,
    take() {
      if (sizeBytes > MAX_DECODED_BYTES) throw new TypeError(`it has more than ${MAX_DECODED_BYTES} bytes`)
      const taken = Buffer.concat(parts)
      parts = []
      return taken
    },
  }
}

function written(decoder: Transform, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    decoder.write(bytes, (error) => (error ? reject(error) : resolve()))
  })
}
