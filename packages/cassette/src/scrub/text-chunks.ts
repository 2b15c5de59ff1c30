/** The bytes of chunks as text. */
export interface TextChunks {
  readonly texts: readonly string[]
  readonly encode: (text: string) => Uint8Array
}

/**
 * UTF-8, where it is; else a character for each byte, so that nothing is lost. A character that is cut belongs to the
 * chunk that ends it.
 */
export function textChunks(chunks: readonly Uint8Array[]): TextChunks {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  try {
    const texts = chunks.map((bytes) => decoder.decode(bytes, { stream: true }))
    decoder.decode()
    return { texts, encode: (text) => Buffer.from(text) }
  } catch {
    const texts = chunks.map((bytes) => Buffer.from(bytes).toString('latin1'))
    return { texts, encode: (text) => Buffer.from(text, 'latin1') }
  }
}
