/** Room for the bytes of many small pieces, so that they are copied once and handed over together. */
export interface Slabs {
  /** A copy. */
  copy(bytes: Uint8Array): Uint8Array
  /** The buffers of all copies since the last time. They are the caller's from now on. */
  take(): ArrayBuffer[]
}

const SLAB_BYTES = 2 ** 16

export function createSlabs(): Slabs {
  let slabs: ArrayBuffer[] = []
  let last: Uint8Array | undefined
  let used = 0
  return {
    copy(bytes) {
      if (!last || used + bytes.length > last.length) {
        const slab = new ArrayBuffer(Math.max(SLAB_BYTES, bytes.length))
        slabs.push(slab)
        last = new Uint8Array(slab)
        used = 0
      }
      const copy = last.subarray(used, used + bytes.length)
      copy.set(bytes)
      used += bytes.length
      return copy
    },
    take() {
      const taken = slabs
      slabs = []
      last = undefined
      return taken
    },
  }
}
