import type { Turns } from './turns.ts'

/** A list that grows in place and hands out an immutable copy: a new one only after a change. */
export interface List<T> {
  /** Adds an item; returns its index. */
  push(item: T): number
  set(index: number, item: T): void
  snapshot(): readonly T[]
}

/** `empty` is the copy while there are no items. With `turns`, what is pushed is taken back with its turn. */
export function createList<T>(empty: readonly T[], turns?: Turns): List<T> {
  const items: T[] = []
  let copy: readonly T[] | undefined = empty
  const pop = () => {
    copy = undefined
    items.pop()
  }
  return {
    push(item) {
      copy = undefined
      turns?.onUndo(pop)
      return items.push(item) - 1
    },
    set(index, item) {
      copy = undefined
      items[index] = item
    },
    snapshot: () => (copy ??= items.slice()),
  }
}
