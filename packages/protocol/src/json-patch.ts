import { isRecord } from './shape.ts'

/**
 * The document after a JSON Patch (RFC 6902). It is not changed itself: the result shares with it all that the patch
 * left alone, and a container that is changed is copied once, whatever the number of operations. The whole document
 * is at `""`; removed, it is `null`. Throws an `Error` that names the operation if the patch is none or does not fit;
 * nothing of it is done then.
 */
export function applyPatch(document: unknown, patch: readonly unknown[]): unknown {
  if (!Array.isArray(patch)) throw new TypeError(`applyPatch: a patch is a list of operations, not ${patch}`)
  const tree = createTree(document)
  for (const [index, operation] of patch.entries()) {
    try {
      applyOperation(tree, operation)
    } catch (cause) {
      throw new Error(`${nameOf(operation, index)} ${(cause as Error).message}`, { cause })
    }
  }
  return tree.get([])
}

type Container = Record<string, unknown> | unknown[]

/** A document in which what changes is copied first. */
interface Tree {
  /** Throws where nothing is. */
  get(path: readonly string[]): unknown
  /** Puts the value there: before the item that a list has there, instead of any other. */
  add(path: readonly string[], value: unknown): void
  replace(path: readonly string[], value: unknown): void
  remove(path: readonly string[]): void
  /** From now on `value` stands in two places: neither may change for the other. */
  share(value: unknown): void
}

function createTree(document: unknown): Tree {
  // So that the document has a parent like everything in it.
  const root: Container = [document]
  /** Copies made here, which nobody else has seen. */
  const owned = new Set<unknown>([root])

  function parentOf(path: readonly string[], isWritten: boolean): [parent: Container, key: string] {
    const keys = ['0', ...path]
    const last = keys.pop() as string
    let parent: Container = root
    for (const key of keys) {
      let child = memberOf(parent, key)
      if (!isContainer(child)) throw new Error(`goes through "${key}", which is no object and no list`)
      if (isWritten && !owned.has(child)) {
        child = Array.isArray(child) ? child.slice() : { ...child }
        owned.add(child)
        setMember(parent, key, child)
      }
      parent = child as Container
    }
    return [parent, last]
  }

  return {
    get: (path) => memberOf(...parentOf(path, false)),
    add(path, value) {
      const [parent, key] = parentOf(path, true)
      if (parent === root || !Array.isArray(parent)) {
        setMember(parent, key, value)
        return
      }
      const index = key === '-' ? parent.length : indexOf(key)
      if (!(index <= parent.length)) throw new Error(`"${key}" is no place in a list of ${parent.length}`)
      parent.splice(index, 0, value)
    },
    replace(path, value) {
      const [parent, key] = parentOf(path, true)
      memberOf(parent, key)
      setMember(parent, key, value)
    },
    remove(path) {
      const [parent, key] = parentOf(path, true)
      memberOf(parent, key)
      if (parent === root) root[0] = null
      else if (Array.isArray(parent)) parent.splice(indexOf(key), 1)
      else delete parent[key]
    },
    share(value) {
      const shared = [value]
      // What is in a container that is not owned is not owned either.
      for (const item of shared)
        if (owned.delete(item)) for (const inner of Object.values(item as Container)) shared.push(inner)
    },
  }
}

function applyOperation(tree: Tree, operation: unknown): void {
  if (!isRecord(operation)) throw new Error('is no object')
  const { op, value } = operation
  const path = parsePointer(operation.path, 'path')
  if ((op === 'add' || op === 'replace' || op === 'test') && value === undefined)
    throw new Error('has no value')
  switch (op) {
    case 'add':
    case 'replace':
      tree[op](path, value)
      break
    case 'remove':
      tree.remove(path)
      break
    case 'test':
      if (!isEqual(tree.get(path), value)) throw new Error('finds another value')
      break
    case 'copy':
    case 'move': {
      const from = parsePointer(operation.from, 'from')
      const moved = tree.get(from)
      if (op === 'copy') tree.share(moved)
      else if (`${operation.path}/`.startsWith(`${operation.from}/`) && path.length > from.length)
        throw new Error('moves a value into itself')
      else tree.remove(from)
      tree.add(path, moved)
      break
    }
    default:
      throw new Error('is not add, remove, replace, move, copy or test')
  }
}

function parsePointer(pointer: unknown, name: string): readonly string[] {
  if (typeof pointer !== 'string' || !/^(?:\/(?:[^~]|~[01])*)?$/.test(pointer)) {
    throw new Error(`has no ${name} that is a JSON Pointer (RFC 6901), as "/a/0"`)
  }
  return pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function memberOf(parent: Container, key: string): unknown {
  const isThere = Array.isArray(parent) ? indexOf(key) < parent.length : Object.hasOwn(parent, key)
  if (!isThere) throw new Error(`finds nothing at "${key}"`)
  return (parent as Record<string, unknown>)[key]
}

/** An assignment to `__proto__` would give the object another prototype. */
function setMember(parent: Container, key: string, value: unknown): void {
  Object.defineProperty(parent, key, { value, writable: true, enumerable: true, configurable: true })
}

function indexOf(key: string): number {
  return /^(?:0|[1-9]\d*)$/.test(key) ? +key : Number.NaN
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null
}

/** Equal as JSON values: of objects, the order of keys does not matter. */
function isEqual(a: unknown, b: unknown): boolean {
  if (!isContainer(a) || !isContainer(b)) return a === b
  const keys = Object.keys(a)
  return (
    Array.isArray(a) === Array.isArray(b) &&
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isEqual((a as never)[key], (b as never)[key]))
  )
}

function nameOf(operation: unknown, index: number): string {
  const { op, path }: Record<string, unknown> = isRecord(operation) ? operation : {}
  return `Operation ${index + 1} (${op} "${path}")`
}
