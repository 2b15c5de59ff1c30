/** A list that grows in place and hands out an immutable copy: a new one only after a change. */
export class List<T> {
  readonly #items: T[] = []
  #copy: readonly T[]
  #isDirty = false

  constructor(empty: readonly T[]) {
    this.#copy = empty
  }

  get length(): number {
    return this.#items.length
  }

  at(index: number): T {
    // The callers keep the indices that push() gave them.
    return this.#items[index] as T
  }

  /** Adds an item; returns its index. */
  push(item: T): number {
    this.#isDirty = true
    return this.#items.push(item) - 1
  }

  set(index: number, item: T): void {
    this.#isDirty = true
    this.#items[index] = item
  }

  snapshot(): readonly T[] {
    if (this.#isDirty) this.#copy = this.#items.slice()
    this.#isDirty = false
    return this.#copy
  }
}
