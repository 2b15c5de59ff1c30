/**
 * CRC-32 (ISO-HDLC, as in zlib) of the text's UTF-8 bytes: 8 lower-case hexadecimal digits. Bit by bit, 30 ns a
 * byte, as a table costs more bytes in every app than it saves time in one that checks a text once.
 */
export function crc32(text: string): string {
  let crc = -1
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 && 0xedb88320)
  }
  return (~crc >>> 0).toString(16).padStart(8, '0')
}

/** Unicode code points; an unpaired surrogate counts as one. */
export function countCodePoints(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}
