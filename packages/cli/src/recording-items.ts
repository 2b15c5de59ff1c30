import { createReadStream } from 'node:fs'

import {
  createRecordingReader,
  type RecordedEvent,
  type RecordedSession,
  type RecordingProblem,
  type SessionEnd,
} from '@agent-stream/protocol'

import { STDIN } from './recording-files.ts'

/** What a session's header says, or what is known without one. */
export type SessionInfo = Omit<RecordedSession, 'events' | 'end'>

/** What a recording's lines say, one after the other. */
export type RecordingItem =
  | { readonly type: 'session'; readonly session: SessionInfo }
  | { readonly type: 'event'; readonly sessionId: string; readonly event: RecordedEvent }
  | { readonly type: 'end'; readonly sessionId: string; readonly end: SessionEnd }
  | { readonly type: 'problem'; readonly problem: RecordingProblem }

/** The items of one piece of a file, and how many bytes that was. */
export interface RecordingBatch {
  readonly items: readonly RecordingItem[]
  readonly sizeBytes: number
}

const CHUNK_BYTES = 64 * 1024

/** A recording's lines, in batches and in bounded memory. Throws what the file system says. */
export async function* readRecording(path: string): AsyncGenerator<RecordingBatch> {
  let items: RecordingItem[] = []
  const reader = createRecordingReader({
    onSession: (session) => items.push({ type: 'session', session }),
    onEvent: (sessionId, event) => items.push({ type: 'event', sessionId, event }),
    onEnd: (sessionId, end) => items.push({ type: 'end', sessionId, end }),
    onProblem: (problem) => items.push({ type: 'problem', problem }),
  })
  const take = (sizeBytes: number): RecordingBatch => {
    const batch = { items, sizeBytes }
    items = []
    return batch
  }
  const decoder = new TextDecoder()
  const chunks = path === STDIN ? process.stdin : createReadStream(path, { highWaterMark: CHUNK_BYTES })
  for await (const chunk of chunks as AsyncIterable<Buffer>) {
    reader.feed(decoder.decode(chunk, { stream: true }))
    yield take(chunk.length)
  }
  reader.feed(decoder.decode())
  reader.end()
  yield take(0)
}
