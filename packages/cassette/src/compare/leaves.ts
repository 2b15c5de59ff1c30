import { isObject } from '../json-object.ts'
import { normalText } from './comparable-text.ts'

/** The scalars of a JSON value by their paths: `a.b`, `a[0]`, `$` for one that is no object and no list. */
export type Leaves = ReadonlyMap<string, unknown>

/** Empty objects and lists are leaves, and equal to nothing but themselves. */
const EMPTY_OBJECT = Symbol('{}')
const EMPTY_LIST = Symbol('[]')

export function leavesOf(value: unknown): Leaves {
  const leaves = new Map<string, unknown>()
  collect(value, '', leaves)
  return leaves
}

function collect(value: unknown, path: string, leaves: Map<string, unknown>): void {
  if (Array.isArray(value)) {
    if (value.length === 0) leaves.set(path || '$', EMPTY_LIST)
    for (const [index, item] of value.entries()) collect(item, `${path || '$'}[${index}]`, leaves)
  } else if (isObject(value)) {
    const entries = Object.entries(value)
    if (entries.length === 0) leaves.set(path || '$', EMPTY_OBJECT)
    for (const [key, member] of entries) collect(member, path ? `${path}.${key}` : key, leaves)
  } else leaves.set(path || '$', value)
}

/** What became of one leaf. `change` is its old and new value where both are there. */
export interface LeafDifference {
  readonly path: string
  readonly kind: 'same' | 'missing' | 'extra' | 'changed'
  readonly change: string
}

/** Every leaf of both sides: the baseline's in order, then those that only the target has. */
export function compareLeaves(baseline: Leaves, target: Leaves): readonly LeafDifference[] {
  const paths = [...baseline.keys(), ...[...target.keys()].filter((path) => !baseline.has(path))]
  return paths.map((path): LeafDifference => {
    if (!target.has(path)) return { path, kind: 'missing', change: '' }
    if (!baseline.has(path)) return { path, kind: 'extra', change: '' }
    const [before, after] = [baseline.get(path), target.get(path)]
    if (isSameLeaf(before, after)) return { path, kind: 'same', change: '' }
    return { path, kind: 'changed', change: `${leafText(before)}→${leafText(after)}` }
  })
}

function isSameLeaf(a: unknown, b: unknown): boolean {
  return typeof a === 'string' && typeof b === 'string' ? normalText(a) === normalText(b) : a === b
}

function leafText(leaf: unknown): string {
  return typeof leaf === 'symbol' ? (leaf.description ?? '') : typeof leaf === 'string' ? leaf : String(leaf)
}

/** A JSON text's value, with integers that JavaScript would round as BigInt, so that they differ where they do. */
export function parseForComparison(text: string): unknown {
  return JSON.parse(text, keepInteger as (this: unknown, key: string, value: unknown) => unknown)
}

/** ES2025's third argument, which TypeScript's library does not know yet: the source of a primitive value. */
function keepInteger(_key: string, value: unknown, { source = '' }: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value) || !/^-?\d+$/.test(source)) return value
  return BigInt(source)
}

const MAX_DIFFERENCES = 6

/** The first six differences in one line, and how many more there are. */
export function listDifferences(differences: readonly string[]): string {
  const rest = differences.length - MAX_DIFFERENCES
  const shown = differences.slice(0, MAX_DIFFERENCES)
  return [...shown, ...(rest > 0 ? [`… (+${rest} more)`] : [])].join('; ')
}
