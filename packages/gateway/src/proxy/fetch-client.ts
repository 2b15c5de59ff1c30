import type { CallClient } from './call.ts'
import { headerPairs } from './raw-headers.ts'

const HAS_NO_BODY: ReadonlySet<number> = new Set([204, 205, 304])

export interface FetchClientOptions {
  readonly method: string
  readonly onDrain: () => void
  /** The reader of the body wants no more. */
  readonly onCancel: () => void
}

/** The client of a call that came as a `Request`, and what it is answered. */
export function fetchClient({ method, onDrain, onCancel }: FetchClientOptions): {
  readonly client: CallClient
  readonly response: Promise<Response>
} {
  let resolve: (response: Response) => void = () => undefined
  let reject: (reason: unknown) => void = () => undefined
  const response = new Promise<Response>((...settle) => {
    ;[resolve, reject] = settle
  })
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  const body = () =>
    new ReadableStream<Uint8Array>(
      {
        start: (started) => {
          controller = started
        },
        pull: onDrain,
        cancel: onCancel,
      },
      { highWaterMark: 1 },
    )

  const client: CallClient = {
    head({ status, statusText, headers }) {
      const hasBody = method !== 'HEAD' && !HAS_NO_BODY.has(status)
      resolve(new Response(hasBody ? body() : null, { status, statusText, headers: headerPairs(headers) }))
    },
    chunk(chunk) {
      // A copy: the bytes belong to the connection.
      controller?.enqueue(chunk.slice())
      return (controller?.desiredSize ?? 1) > 0
    },
    end: () => controller?.close(),
    refuse(status, text) {
      // 499 has no reader.
      if (status === 499) reject(new DOMException('The request was aborted', 'AbortError'))
      else resolve(new Response(text, { status, headers: { 'content-type': 'application/json' } }))
    },
    break: () => controller?.error(new TypeError('The connection to the API broke')),
  }
  return { client, response }
}
