import { setImmediate, setTimeout } from 'node:timers/promises'
import type { Schedule } from './schedule.ts'

const FLUSH_MS = 500

/**
 * A response body that sends each frame at its time. `hangUp` cuts the connection. `onEnd` is called when nothing
 * more will be sent: after the last frame, or when the reader has left.
 */
export function playedBody(
  { frames, end }: Schedule,
  { hangUp, onEnd }: { readonly hangUp: () => void; readonly onEnd: () => void },
): ReadableStream<Uint8Array> {
  const gone = new AbortController()

  async function play(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    const startMs = performance.now()
    for (const { atMs, bytes } of frames) {
      const waitMs = startMs + atMs - performance.now()
      // Even without a wait a turn of the event loop goes by: each frame leaves the process on its own.
      if (waitMs >= 1) await setTimeout(waitMs, undefined, { signal: gone.signal })
      else await setImmediate(undefined, { signal: gone.signal })
      controller.enqueue(bytes)
    }
    if (end === 'close') return controller.close()
    // What is still in the socket's buffer would be lost with it, now more of it and now less.
    await setTimeout(FLUSH_MS, undefined, { signal: gone.signal })
    hangUp()
  }

  return new ReadableStream({
    start(controller) {
      // Not awaited: `start` must end for reading to begin. Only the reader's leaving rejects it.
      void play(controller)
        .catch((error) => {
          if (!gone.signal.aborted) controller.error(error)
        })
        .finally(onEnd)
    },
    cancel() {
      gone.abort()
    },
  })
}
