import { randomBytes } from 'node:crypto'
import * as zlib from 'node:zlib'
import { describe, expect, it } from 'vitest'

import { decompress } from '../../src/index.ts'

const brotli = (body: Buffer) =>
  zlib.brotliCompressSync(body, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } })

const coders = [
  ['gzip', zlib.gzipSync],
  ['deflate', zlib.deflateSync],
  ['deflate', zlib.deflateRawSync],
  ['GZIP , identity, br', (body: Buffer) => brotli(zlib.gzipSync(body))],
  ['br', brotli],
  ['zstd', zlib.zstdCompressSync],
] as const

const concat = (chunks: Awaited<ReturnType<typeof decompress>>) =>
  Buffer.concat(chunks.map(({ bytes }) => bytes))

/** As a body of chunks, 10 ms apart. */
function cut(bytes: Buffer, sizeBytes: number) {
  const count = Math.ceil(bytes.length / sizeBytes)
  return Array.from({ length: count }, (_, i) => ({
    bytes: bytes.subarray(i * sizeBytes, (i + 1) * sizeBytes),
    atMs: 10 * i,
  }))
}

describe('decompress', () => {
  it.each(coders)('takes large bodies, in chunks of any size: %s', async (encoding, compress) => {
    const body = Buffer.concat([randomBytes(200_000), Buffer.alloc(3_000_000, 'a')])
    const packed = compress(body)
    for (const sizeBytes of [1000, 70_000, packed.length]) {
      expect(concat(await decompress(cut(packed, sizeBytes), encoding)).equals(body)).toBe(true)
    }
  })

  it('gives each chunk what it brought', async () => {
    const stream = zlib.createGzip({ flush: zlib.constants.Z_SYNC_FLUSH })
    const packed: Buffer[] = []
    stream.on('data', (part: Buffer) => packed.push(part))
    const flushed = async (text: string) => {
      packed.splice(0)
      await new Promise((resolve) => stream.write(text, resolve))
      return Buffer.concat(packed)
    }
    const chunks = [
      { bytes: await flushed('data: 1\n\n'), atMs: 5 },
      { bytes: await flushed('data: 2\n\n'), atMs: 9 },
    ]
    stream.destroy()
    const decoded = await decompress(chunks, 'gzip')
    expect(decoded.map(({ bytes, atMs }) => [atMs, Buffer.from(bytes).toString()])).toEqual([
      [5, 'data: 1\n\n'],
      [9, 'data: 2\n\n'],
    ])
  })

  it('gives what there is of a body that is cut', async () => {
    const packed = zlib.gzipSync('a'.repeat(100) + randomBytes(1000).toString('hex'))
    const text = concat(await decompress(cut(packed.subarray(0, packed.length - 100), 50), 'gzip')).toString()
    expect(text).toMatch(/^a{100}[0-9a-f]{100}/)
  })

  it.each([
    ['gzip', 'no gzip at all'],
    ['compress', 'x'],
    ['', 'x'],
  ])('refuses what it cannot decode: "%s"', async (encoding, text) => {
    await expect(decompress(cut(Buffer.from(text), 100), encoding)).rejects.toThrow(TypeError)
  })

  it('refuses a bomb', async () => {
    const part = zlib.gzipSync(Buffer.alloc(2 ** 26))
    const bomb = Buffer.concat(Array.from({ length: 5 }, () => part))
    await expect(decompress(cut(bomb, bomb.length), 'gzip')).rejects.toMatchObject({
      cause: { message: 'it has more than 268435456 bytes' },
    })
  }, 20_000)
})
