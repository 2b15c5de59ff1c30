/** A piece of an answer and when it came, in milliseconds since the call's start. */
export interface HeldChunk {
  readonly atMs: number
  readonly bytes: Uint8Array
}

/** Many small chunks in few blocks of memory: an object for each would cost more than what is in it. */
export interface PackedChunks {
  /** Takes a copy. */
  add(chunk: HeldChunk): void
  /** Views of what was taken, in its order. */
  list(): readonly HeldChunk[]
}

/** A call's first block; each further one is twice as large as the one before, up to the last size. In bytes. */
const FIRST_BLOCK_BYTES = 4096
const MAX_BLOCK_BYTES = 2 ** 18

export function createPackedChunks(): PackedChunks {
  const blocks: Uint8Array[] = []
  let block = new Uint8Array(0)
  let used = 0
  /** Of each chunk: when it came, its block, where it begins there, and how long it is. */
  const atMs: number[] = []
  const places: number[] = []

  function makeRoom(bytes: number): void {
    if (blocks.length > 0 && used + bytes <= block.length) return
    const usual = Math.min(Math.max(FIRST_BLOCK_BYTES, 2 * block.length), MAX_BLOCK_BYTES)
    block = new Uint8Array(Math.max(usual, bytes))
    blocks.push(block)
    used = 0
  }

  return {
    add(chunk) {
      const { length } = chunk.bytes
      makeRoom(length)
      block.set(chunk.bytes, used)
      atMs.push(chunk.atMs)
      places.push(blocks.length - 1, used, length)
      used += length
    },
    list() {
      return atMs.map((ms, i) => {
        const place = (offset: number) => places[3 * i + offset] as number
        const start = place(1)
        return { atMs: ms, bytes: (blocks[place(0)] as Uint8Array).subarray(start, start + place(2)) }
      })
    },
  }
}
