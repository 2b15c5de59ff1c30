import { canonicalJson } from '../canonical-json.ts'
import { isObject } from '../json-object.ts'

/** A place where what was asked is not what was recorded; one of the two may be missing. */
export interface FieldDifference {
  /** `body.messages[1].content` */
  readonly path: string
  readonly recorded?: string
  readonly asked?: string
}

/** Every single value of a JSON value, by its path. */
export type Leaves = ReadonlyMap<string, string>

export function leavesOf(value: unknown): Leaves {
  const leaves = new Map<string, string>()
  addLeaves(leaves, '', value)
  return leaves
}

function addLeaves(leaves: Map<string, string>, path: string, value: unknown): void {
  if (Array.isArray(value) && value.length > 0) {
    for (const [i, item] of value.entries()) addLeaves(leaves, `${path}[${i}]`, item)
  } else if (isObject(value) && Object.getPrototypeOf(value) === Object.prototype) {
    for (const [key, item] of Object.entries(value)) addLeaves(leaves, path ? `${path}.${key}` : key, item)
  } else {
    leaves.set(path, canonicalJson(value))
  }
}

/** How much two have in common, from 0 to 1. */
export function likeness(a: Leaves, b: Leaves): number {
  let same = 0
  for (const [path, value] of a) if (b.get(path) === value) same++
  return same / Math.max(a.size, b.size, 1)
}

/** The places where they differ, in the order of what was asked, then what only the recording has. */
export function differences(recorded: Leaves, asked: Leaves): readonly FieldDifference[] {
  const paths = [...new Set([...asked.keys(), ...recorded.keys()])]
  return paths
    .filter((path) => recorded.get(path) !== asked.get(path))
    .map((path) => {
      const [was, is] = [recorded.get(path), asked.get(path)]
      return { path, ...(was !== undefined && { recorded: was }), ...(is !== undefined && { asked: is }) }
    })
}

/** Both values, cut to where they begin to differ. */
export function differenceText({ path, recorded, asked }: FieldDifference): string {
  const start = commonStart(recorded ?? '', asked ?? '')
  return `${path}: recorded ${excerpt(recorded, start)}, asked ${excerpt(asked, start)}`
}

const CONTEXT_CHARS = 20
const EXCERPT_CHARS = 80

function excerpt(value: string | undefined, differsAt: number): string {
  if (value === undefined) return 'nothing'
  if (value.length <= EXCERPT_CHARS) return value
  const start = Math.max(0, differsAt - CONTEXT_CHARS)
  const end = start + EXCERPT_CHARS
  return `${start > 0 ? '…' : ''}${value.slice(start, end)}${end < value.length ? '…' : ''}`
}

function commonStart(a: string, b: string): number {
  let length = 0
  while (length < a.length && a[length] === b[length]) length++
  return length
}
