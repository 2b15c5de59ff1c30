/** The bytes cut into pieces of `size`, the last as long as is left. Throws `TypeError` for a size below 1. */
export function rechunk(bytes: Uint8Array, size: number): Uint8Array[] {
  if (!(size >= 1)) throw new TypeError(`rechunk: size is ${size}; give a number of bytes from 1 on`)
  const pieces: Uint8Array[] = []
  for (let start = 0; start < bytes.length; start += size) pieces.push(bytes.slice(start, start + size))
  return pieces
}

/** The bytes in two pieces, cut before byte `n`. */
export function cutAt(bytes: Uint8Array, n: number): [Uint8Array, Uint8Array] {
  return [bytes.slice(0, n), bytes.slice(n)]
}
