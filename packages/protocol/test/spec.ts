import { readdirSync, readFileSync } from 'node:fs'

/** The text of a file in `spec/`. */
export function specText(path: string): string {
  return readFileSync(new URL(`../../../spec/${path}`, import.meta.url), 'utf8')
}

export interface VectorFile<Case> {
  readonly description: string
  readonly cases: readonly Case[]
}

/** The vector files of one kind (`spec/vectors/README.md`), with their file names. */
export function vectorFiles<Case>(kind: string): readonly (readonly [string, VectorFile<Case>])[] {
  const folder = new URL(`../../../spec/vectors/${kind}/`, import.meta.url)
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => [file, JSON.parse(specText(`vectors/${kind}/${file}`)) as VectorFile<Case>])
}

/** Fields whose value is the application's own JSON: their keys are left alone. */
const OPAQUE = new Set([
  'input',
  'output',
  'details',
  'items',
  'schema',
  'options',
  'answer',
  'value',
  'state',
  'patch',
])

/** A wire payload under its TypeScript names. Knows nothing of the shape table, so that it can check it. */
export function camelCased(wire: unknown): unknown {
  if (Array.isArray(wire)) return wire.map(camelCased)
  if (typeof wire !== 'object' || wire === null) return wire
  return Object.fromEntries(
    Object.entries(wire).map(([key, value]) => [
      key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      OPAQUE.has(key) ? value : camelCased(value),
    ]),
  )
}
