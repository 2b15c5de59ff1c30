import { isObject } from '../json-object.ts'

/** What is left out of a key: `body.metadata.request_id`, `body.messages[*].id`, `query.api-version`, `header.x`. */
export type IgnoredPath = readonly string[]

const PLACES: ReadonlySet<string> = new Set(['body', 'query', 'header', 'path', 'method'])

/** Throws `TypeError` for what is no path. */
export function parseIgnored(path: string): IgnoredPath {
  const keys = String(path)
    .split(/[.[\]]+/)
    .filter((key) => key !== '')
  const isPath = PLACES.has(keys[0] ?? '') && (keys.length > 1 || keys[0] === 'path' || keys[0] === 'method')
  // The names of headers and of parameters may have dots.
  if (isPath) return keys[0] === 'body' ? keys : [keys[0] as string, String(path).slice(`${keys[0]}.`.length)]
  throw new TypeError(
    `A path to ignore is "${path}"; expected body.<keys>, query.<name>, header.<name>, path or method`,
  )
}

/** A copy without what the path leads to; the same value where that is nothing. `*` is any key. */
export function without(value: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    if (rest.length === 0) return value.filter((_, i) => key !== '*' && key !== String(i))
    return value.map((item, i) => (key === '*' || key === String(i) ? without(item, rest) : item))
  }
  if (!isObject(value)) return value
  const members = Object.entries(value).flatMap(([name, member]) => {
    if (key !== '*' && key !== name) return [[name, member] as const]
    return rest.length === 0 ? [] : [[name, without(member, rest)] as const]
  })
  return Object.fromEntries(members)
}
