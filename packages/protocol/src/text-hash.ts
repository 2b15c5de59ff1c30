/** CRC-32 (ISO-HDLC, as in zlib) of the text's UTF-8 bytes: 8 lower-case hexadecimal digits. */
export function crc32(text: string): string {
  let crc = -1
  for (const byte of new TextEncoder().encode(text)) {
    crc = (crc >>> 8) ^ (TABLE[(crc ^ byte) & 255] as number)
  }
  return (~crc >>> 0).toString(16).padStart(8, '0')
}

const TABLE = /* @__PURE__ */ Int32Array.from({ length: 256 }, (_, index) => {
  let value = index
  for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0)
  return value
})

/** Unicode code points; an unpaired surrogate counts as one. */
export function countCodePoints(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}
