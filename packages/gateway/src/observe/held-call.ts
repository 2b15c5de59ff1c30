import type { ByteBudget } from './byte-budget.ts'
import { createPackedChunks, type HeldChunk } from './packed-chunks.ts'

/** What is kept of a call's bytes until it ends, within what it and all calls may hold. */
export interface HeldCall {
  request(bytes: Uint8Array): void
  chunk(chunk: HeldChunk): void
  readonly requestBody: Uint8Array
  chunks(): readonly HeldChunk[]
  readonly requestBytes: number
  readonly responseBytes: number
  readonly chunkCount: number
  /** Whether some was left out: then all that came later was, too. */
  readonly isCut: boolean
  /** Whether some of the request was. */
  readonly isRequestCut: boolean
  release(): void
}

export function createHeldCall(budget: ByteBudget, maxBytes: number): HeldCall {
  let request: Uint8Array[] = []
  let chunks = createPackedChunks()
  let requestBytes = 0
  let responseBytes = 0
  let chunkCount = 0
  let heldBytes = 0
  let isCut = false
  let isRequestCut = false

  /** Takes the room for it; false if there is none. */
  function reserve({ length }: Uint8Array): boolean {
    isCut ||= heldBytes + length > maxBytes || !budget.take(length)
    if (!isCut) heldBytes += length
    return !isCut
  }

  return {
    request(bytes) {
      requestBytes += bytes.length
      // A copy: what is observed shares its memory with other calls.
      if (reserve(bytes)) request.push(bytes.slice())
      else isRequestCut = true
    },
    chunk(chunk) {
      responseBytes += chunk.bytes.length
      chunkCount++
      if (reserve(chunk.bytes)) chunks.add(chunk)
    },
    get requestBody() {
      if (request.length > 1) request = [Buffer.concat(request)]
      return request[0] ?? new Uint8Array()
    },
    chunks: () => chunks.list(),
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
    get isRequestCut() {
      return isRequestCut
    },
    release() {
      budget.give(heldBytes)
      heldBytes = 0
      request = []
      chunks = createPackedChunks()
    },
  }
}
