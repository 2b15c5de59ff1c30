import type { RecordSession } from './record-session.ts'

/** Opens a session, when the stream begins to be read. */
export type OpenSession = () => RecordSession

/** The same values, each recorded as it passes. Reading, giving up and throwing reach the source as they are. */
export function tapIterable<T, R, N>(
  source: AsyncIterable<T, R, N>,
  open: OpenSession,
): AsyncGenerator<T, R, N> {
  const iterator = source[Symbol.asyncIterator]()
  let session: RecordSession | undefined

  async function pass(next: () => Promise<IteratorResult<T, R>>): Promise<IteratorResult<T, R>> {
    session ??= open()
    let result: IteratorResult<T, R>
    try {
      result = await next()
    } catch (error) {
      session.end('error')
      throw error
    }
    if (result.done) session.end('complete')
    else session.take(result.value)
    return result
  }

  const tap = {
    next: (...args: [] | [N]) => pass(() => iterator.next(...args)),
    async return(value: R | PromiseLike<R>): Promise<IteratorResult<T, R>> {
      session?.end('aborted')
      return (await iterator.return?.(value)) ?? { done: true, value: await value }
    },
    async throw(error: unknown): Promise<IteratorResult<T, R>> {
      const thrown = iterator.throw
      if (thrown) return pass(() => Reflect.apply(thrown, iterator, [error]))
      session?.end('error')
      throw error
    },
    [Symbol.asyncIterator]: () => tap,
    async [Symbol.asyncDispose]() {
      await tap.return(undefined as R)
    },
  }
  return tap as AsyncGenerator<T, R, N>
}
