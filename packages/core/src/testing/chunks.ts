/** The bytes cut into pieces of `size`, the last as long as is left. */
export function rechunk(bytes: Uint8Array, size: number): Uint8Array[] {
  const pieces: Uint8Array[] = []
  for (let start = 0; start < bytes.length; start += size) pieces.push(bytes.slice(start, start + size))
  return pieces
}

/** The bytes in two pieces, cut before byte `n`. */
export function cutAt(bytes: Uint8Array, n: number): [Uint8Array, Uint8Array] {
  return [bytes.slice(0, n), bytes.slice(n)]
}
