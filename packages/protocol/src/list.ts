/** A list that grows in place and hands out an immutable copy: a new one only after a change. */
export interface List<T> {
  /** Adds an item; returns its index. */
  push(item: T): number
  /** Takes the last item off. */
  pop(): void
  set(index: number, item: T): void
  snapshot(): readonly T[]
}

/** `empty` is the copy while there are no items. */
export function createList<T>(empty: readonly T[]): List<T> {
  const items: T[] = []
  let copy: readonly T[] | undefined = empty
  return {
    push(item) {
      copy = undefined
      return items.push(item) - 1
    },
    pop() {
      copy = undefined
      items.pop()
    },
    set(index, item) {
      copy = undefined
      items[index] = item
    },
    snapshot: () => (copy ??= items.slice()),
  }
}
