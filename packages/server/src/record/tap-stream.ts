import type { RecordSession } from './record-session.ts'
import type { OpenSession } from './tap-iterable.ts'

/** The same chunks, each recorded as it passes. Nothing is read before it is wanted. */
export function tapStream<T>(source: ReadableStream<T>, open: OpenSession): ReadableStream<T> {
  const reader = source.getReader()
  let session: RecordSession | undefined
  return new ReadableStream<T>(
    {
      async pull(controller) {
        session ??= open()
        let result: ReadableStreamReadResult<T>
        try {
          result = await reader.read()
        } catch (error) {
          session.end('error')
          throw error
        }
        if (result.done) {
          session.end('complete')
          controller.close()
          return
        }
        // Before it is handed on: its reader may take the bytes away.
        session.take(result.value)
        controller.enqueue(result.value)
      },
      cancel(reason) {
        session?.end('aborted')
        return reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}

/** The same response, whose body is recorded as it is read. */
export function tapResponse(source: Response, open: OpenSession): Response {
  const { body, status, statusText, headers } = source
  if (!body) return source
  const response = new Response(tapStream(body, open), { status, statusText, headers })
  // A constructor cannot set these.
  for (const key of ['url', 'redirected', 'type'] as const) {
    Object.defineProperty(response, key, { value: source[key], configurable: true })
  }
  return response
}
