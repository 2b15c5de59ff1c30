import * as zlib from 'node:zlib'

import { DecodeError } from './decoded-response.ts'

/** The most that a body may unpack to. */
const MAX_BYTES = 2 ** 28

const DECODERS: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  gzip: (bytes) =>
    zlib.gunzipSync(bytes, { finishFlush: zlib.constants.Z_SYNC_FLUSH, maxOutputLength: MAX_BYTES }),
  deflate: (bytes) => {
    // Some servers leave out the header that the name promises.
    const inflate = ((bytes[0] ?? 0) & 0x0f) === 8 ? zlib.inflateSync : zlib.inflateRawSync
    return inflate(bytes, { finishFlush: zlib.constants.Z_SYNC_FLUSH, maxOutputLength: MAX_BYTES })
  },
  br: (bytes) => zlib.brotliDecompressSync(bytes, { maxOutputLength: MAX_BYTES }),
  // Node's own from 22.15 on.
  zstd: (bytes) => zlib.zstdDecompressSync(bytes, { maxOutputLength: MAX_BYTES }),
}

/**
 * A body as its `content-encoding` says, for corpora that keep what was on the wire: gzip, deflate, br and zstd, also in
 * a row. A body that is text already stays as it is: many recorders keep the header of what they have unpacked. What is
 * cut off is unpacked as far as it goes, in gzip and deflate. Throws `DecodeError`.
 */
export function contentDecoded(body: Uint8Array, encoding: string): Uint8Array {
  const codings = encoding
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
  return codings.reduceRight((bytes, coding) => decodeOne(bytes, coding), body)
}

function decodeOne(bytes: Uint8Array, coding: string): Uint8Array {
  if (coding === '' || coding === 'identity') return bytes
  const decode = DECODERS[coding.replace(/^x-/, '')]
  if (!decode) throw new DecodeError(`The response is encoded as ${coding}, which is not known here`)
  if (coding === 'zstd' && !('zstdDecompressSync' in zlib))
    throw new DecodeError('The response is encoded as zstd, which Node can read from 22.15 on')
  try {
    return decode(bytes)
  } catch (cause) {
    if (isText(bytes)) return bytes
    throw new DecodeError(`The response is not the ${coding} that it says it is`, { cause })
  }
}

/** It begins as JSON or an event stream does. */
function isText(bytes: Uint8Array): boolean {
  return /^\s*([{[:"]|data:|event:|id:|retry:|$)/.test(new TextDecoder().decode(bytes.subarray(0, 64)))
}
