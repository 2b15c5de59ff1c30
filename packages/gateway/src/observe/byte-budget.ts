/** Bytes that all calls together may hold. */
export interface ByteBudget {
  /** False, and nothing taken, if there is not so much left. */
  take(bytes: number): boolean
  give(bytes: number): void
  readonly usedBytes: number
}

export function createByteBudget(maxBytes: number): ByteBudget {
  let usedBytes = 0
  return {
    take(bytes) {
      if (usedBytes + bytes > maxBytes) return false
      usedBytes += bytes
      return true
    },
    give(bytes) {
      usedBytes -= bytes
    },
    get usedBytes() {
      return usedBytes
    },
  }
}
