import { countCodePoints, crc32, type DoneEvent, type RunState } from '@agent-stream/protocol'

/** `done` with what the run has sent before it, for its readers to check. */
export function withFinalPacket(done: DoneEvent, { eventCount, text }: RunState): DoneEvent {
  return { ...done, final: { eventCount, textChars: countCodePoints(text), textHash: crc32(text) } }
}
