import type { AiSdkUiChunk } from '@agent-stream/protocol/dialects/ai-sdk-ui'

/** The chunks that a reader was given, and what it takes to tell them again. */
export interface ChunkReplay {
  /** The next chunk; gives what the reader still lacks. `undefined` if what it has cannot be taken back. */
  next(chunk: AiSdkUiChunk): readonly AiSdkUiChunk[] | undefined
  /** All is told again from the beginning: what comes again is not given twice. */
  restart(): void
}

/**
 * Lets a run be told from its beginning in the middle of a message. A chunk can be taken back with its step
 * (`reset-step`) and not beyond: what is told otherwise in an earlier step has no way to a reader.
 */
export function createChunkReplay(): ChunkReplay {
  let given: AiSdkUiChunk[] = []
  /** How many of the given chunks have come again. */
  let again = Number.POSITIVE_INFINITY

  function isRepeated(chunk: AiSdkUiChunk): boolean {
    return JSON.stringify(given[again]) === JSON.stringify(chunk)
  }

  return {
    next(chunk) {
      if (again >= given.length) {
        given.push(chunk)
        again = Number.POSITIVE_INFINITY
        return [chunk]
      }
      if (isRepeated(chunk)) {
        again++
        return []
      }
      const stepIndex = given.findLastIndex(({ type }) => type === 'start-step')
      // The difference must lie within the step that can be taken back.
      if (stepIndex === -1 || stepIndex >= again) return undefined
      const kept = given.slice(0, again)
      given = [...kept, chunk]
      again = Number.POSITIVE_INFINITY
      return [{ type: 'reset-step' }, ...kept.slice(stepIndex + 1), chunk]
    },
    restart() {
      again = 0
    },
  }
}
