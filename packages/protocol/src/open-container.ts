/** Stands for no value. */
export const NOTHING: unique symbol = Symbol('nothing')

/** An object or a list whose end has not been read. */
export interface OpenContainer {
  /** What closes it. */
  readonly end: '}' | ']'
  /** The key that the next value belongs to. */
  key: string
  add(value: unknown): void
  /** An immutable copy as far as it has come, with the value that is being read, or `NOTHING`, as its last. */
  view(inner: unknown): unknown
  /** The whole: the last view, if nothing has come since. */
  close(): unknown
}

type JsonObject = Record<string, unknown>

/** Members that are shown as they come. Of more, the last 1 in 128 at most wait, so that copies stay rare. */
const FRESH_MEMBERS = 256

export function createOpenContainer(start: '{' | '['): OpenContainer {
  const isList = start === '['
  const items: unknown[] = []
  const members: JsonObject = {}
  /** Those of `members`, as they came; one that came again stands here again. */
  const keys: string[] = []
  let last: { readonly count: number; readonly inner: unknown; readonly copy: unknown } | undefined
  const size = () => (isList ? items : keys).length

  function copyOf(count: number, inner: unknown): unknown {
    const more = inner === NOTHING ? [] : [inner]
    if (isList) return [...items.slice(0, count), ...more]
    const copy: JsonObject = count === keys.length ? { ...members } : {}
    if (count < keys.length) for (const key of keys.slice(0, count)) setMember(copy, key, members[key])
    for (const value of more) setMember(copy, container.key, value)
    return copy
  }

  const container: OpenContainer = {
    end: isList ? ']' : '}',
    key: '',
    add(value) {
      if (isList) items.push(value)
      else {
        keys.push(container.key)
        setMember(members, container.key, value)
      }
    },
    view(given) {
      const count = shownOf(size())
      const inner = size() < FRESH_MEMBERS ? given : NOTHING
      if (last?.count !== count || last.inner !== inner) last = { count, inner, copy: copyOf(count, inner) }
      return last.copy
    },
    close() {
      if (last?.count === size() && last.inner === NOTHING) return last.copy
      return isList ? items : members
    },
  }
  return container
}

/** How many of so many members are shown: as the steps grow with the number, copying them all costs linear time. */
function shownOf(size: number): number {
  const step = size < FRESH_MEMBERS ? 1 : 2 ** (Math.floor(Math.log2(size)) - 7)
  return size - (size % step)
}

/** An assignment to `__proto__` would give the object another prototype. */
function setMember(object: JsonObject, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
  } else object[key] = value
}
