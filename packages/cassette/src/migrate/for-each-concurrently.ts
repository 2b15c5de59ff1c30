/**
 * Does `work` for each item, at most `limit` at a time, begun in their order. The first failure stops what has not
 * begun, and is thrown when the rest has ended.
 */
export async function forEachConcurrently<T>(
  items: Iterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]()
  const failures: unknown[] = []

  async function worker(): Promise<void> {
    for (let next = iterator.next(); !next.done && failures.length === 0; next = iterator.next()) {
      try {
        await work(next.value)
      } catch (error) {
        failures.push(error)
      }
    }
  }

  await Promise.all(Array.from({ length: Math.max(1, limit) }, worker))
  if (failures.length > 0) throw failures[0]
}
