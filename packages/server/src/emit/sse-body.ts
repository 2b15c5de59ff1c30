import type { Clock } from './clock.ts'

/** Said on an idle stream, so that proxies keep it and the reader knows that it lives. */
export const HEARTBEAT = ': heartbeat\n\n'

type Chunk = string | Uint8Array

export interface SseBodyOptions<T> {
  /** What a value is on the wire. What it throws counts as thrown by the source. */
  readonly encode: (value: T) => Chunk
  /** Whether the value that was encoded last is the last one. */
  readonly isOver: () => boolean
  /** What is said last, after the source's end or after what it threw. */
  readonly end: (failure?: { readonly error: unknown }) => string
  readonly heartbeatMs: number
  readonly clock: Clock
}

/**
 * A response body that pulls one value after the other as it is read. A reader that leaves ends the source with
 * `return()`, and a source that throws ends the body with `end`: it neither breaks nor hangs.
 */
export function createSseBody<T>(
  source: AsyncIterable<T>,
  options: SseBodyOptions<T>,
): ReadableStream<Uint8Array> {
  const { encode, isOver, end, heartbeatMs, clock } = options
  const iterator = source[Symbol.asyncIterator]()
  const encoder = new TextEncoder()
  let pending: Promise<IteratorResult<T>> | undefined
  let hasLeft = false
  let tail = ''
  let timer: unknown

  function leave(): void {
    hasLeft = true
    clock.clearTimeout(timer)
    // Not awaited: a generator that waits for its model returns only after that, and nobody is left to be told how.
    void (async () => iterator.return?.())().catch(() => undefined)
  }

  /** The next value, or `undefined` if none comes for as long as a heartbeat is away. */
  async function nextOrSilence(): Promise<IteratorResult<T> | undefined> {
    pending ??= iterator.next()
    const silence = new Promise<undefined>((resolve) => {
      timer = clock.setTimeout(() => resolve(undefined), heartbeatMs)
    })
    try {
      return await Promise.race([pending, silence])
    } finally {
      clock.clearTimeout(timer)
    }
  }

  /** What comes next, or `undefined` at the end. */
  async function nextChunk(): Promise<Chunk | undefined> {
    const next = await nextOrSilence()
    // In the middle of a message a comment would become part of it.
    if (!next) return isBetweenMessages(tail) ? HEARTBEAT : ''
    pending = undefined
    return next.done ? undefined : encode(next.value)
  }

  function send(controller: ReadableStreamDefaultController<Uint8Array>, chunk: Chunk): void {
    const bytes = typeof chunk === 'string' ? encoder.encode(chunk) : chunk
    tail = (tail + String.fromCharCode(...bytes.subarray(-4))).slice(-4)
    controller.enqueue(bytes)
  }

  function finish(controller: ReadableStreamDefaultController<Uint8Array>, last: string): void {
    if (last !== '') send(controller, isBetweenMessages(tail) ? last : `\n\n${last}`)
    controller.close()
  }

  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          // A pull that enqueues nothing would be the last one.
          let chunk = await nextChunk()
          while (chunk?.length === 0 && !hasLeft) chunk = await nextChunk()
          if (hasLeft) return
          if (chunk === undefined) return finish(controller, end())
          send(controller, chunk)
          if (!isOver()) return
          leave()
          controller.close()
        } catch (error) {
          if (hasLeft) return
          leave()
          finish(controller, end({ error }))
        }
      },
      cancel: leave,
    },
    // Nothing is pulled before it is wanted.
    { highWaterMark: 0 },
  )
}

/** Whether the stream so far ends in an empty line, or has not begun. */
function isBetweenMessages(tail: string): boolean {
  return tail === '' || /\n\n$|[\r\n]\r\n?$/.test(tail)
}
