import type { ByteBudget } from './byte-budget.ts'

/** A piece of an answer and when it came, in milliseconds since the call's start. */
export interface HeldChunk {
  readonly atMs: number
  readonly bytes: Uint8Array
}

/** What is kept of a call's bytes until it ends, within what it and all calls may hold. */
export interface HeldCall {
  request(bytes: Uint8Array): void
  chunk(chunk: HeldChunk): void
  readonly requestBody: Uint8Array
  readonly chunks: readonly HeldChunk[]
  readonly requestBytes: number
  readonly responseBytes: number
  readonly chunkCount: number
  /** Whether some was left out: then all that came later was, too. */
  readonly isCut: boolean
  release(): void
}

export function createHeldCall(budget: ByteBudget, maxBytes: number): HeldCall {
  let request: Uint8Array[] = []
  let chunks: HeldChunk[] = []
  let requestBytes = 0
  let responseBytes = 0
  let chunkCount = 0
  let heldBytes = 0
  let isCut = false

  /** A copy: what is observed shares its memory with other calls. */
  function hold(bytes: Uint8Array): Uint8Array | undefined {
    isCut ||= heldBytes + bytes.length > maxBytes || !budget.take(bytes.length)
    if (isCut) return undefined
    heldBytes += bytes.length
    return bytes.slice()
  }

  return {
    request(bytes) {
      requestBytes += bytes.length
      const held = hold(bytes)
      if (held) request.push(held)
    },
    chunk({ atMs, bytes }) {
      responseBytes += bytes.length
      chunkCount++
      const held = hold(bytes)
      if (held) chunks.push({ atMs, bytes: held })
    },
    get requestBody() {
      if (request.length > 1) request = [Buffer.concat(request)]
      return request[0] ?? new Uint8Array()
    },
    get chunks() {
      return chunks
    },
    get requestBytes() {
      return requestBytes
    },
    get responseBytes() {
      return responseBytes
    },
    get chunkCount() {
      return chunkCount
    },
    get isCut() {
      return isCut
    },
    release() {
      budget.give(heldBytes)
      heldBytes = 0
      request = []
      chunks = []
    },
  }
}
