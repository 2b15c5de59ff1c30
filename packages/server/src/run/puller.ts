/** Takes one value after the other, without having to wait for one that does not come. */
export interface Puller<T> {
  next(): Promise<IteratorResult<T, unknown>>
  /** Nothing more is wanted: `next()`, also one that is waiting, says that it is over. The source is told to return. */
  interrupt(): void
}

export function createPuller<T>(source: AsyncIterable<T>): Puller<T> {
  const iterator = source[Symbol.asyncIterator]()
  let isOver = false
  let endWait: (() => void) | undefined
  return {
    next: () =>
      new Promise((resolve, reject) => {
        endWait = () => resolve({ done: true, value: undefined })
        if (isOver) endWait()
        else iterator.next().then(resolve, reject)
      }),
    interrupt() {
      if (isOver) return
      isOver = true
      endWait?.()
      // What it does on its way out is of no consequence any more.
      void (async () => iterator.return?.())().catch(() => undefined)
    },
  }
}
