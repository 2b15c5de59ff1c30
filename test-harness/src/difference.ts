const MAX_SHOWN = 5
const MAX_CHARS = 80

/**
 * Where two JSON-like values differ, at most five places: `tools[0].status is "running" instead of "done"`. They
 * are taken as JSON has them, errors too: a key whose value is `undefined` is absent.
 */
export function differences(actual: unknown, expected: unknown): string[] {
  const found: string[] = []
  compare(plain(actual), plain(expected), '')
  const more = found.length - MAX_SHOWN
  return more > 0 ? [...found.slice(0, MAX_SHOWN), `and ${more} more`] : found

  function compare(a: unknown, b: unknown, path: string): void {
    if (Object.is(a, b)) return
    if (!isTree(a) || !isTree(b) || Array.isArray(a) !== Array.isArray(b)) {
      found.push(`${path || 'the whole'} is ${shown(a, b)} instead of ${shown(b, a)}`)
      return
    }
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      compare(a[key], b[key], Array.isArray(a) ? `${path}[${key}]` : path ? `${path}.${key}` : key)
    }
  }
}

/** The value as it is after a journey through a file. */
export function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value))
}

function isTree(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

/** The value as JSON; of long ones that differ late, what is around the first difference. */
function shown(value: unknown, other: unknown): string {
  const text = JSON.stringify(value) ?? 'absent'
  if (text.length <= MAX_CHARS) return text
  const against = JSON.stringify(other) ?? ''
  let same = 0
  while (same < text.length && text[same] === against[same]) same++
  const start = Math.max(0, Math.min(same - MAX_CHARS / 2, text.length - MAX_CHARS))
  const end = start + MAX_CHARS
  return `${start > 0 ? '…' : ''}${text.slice(start, end)}${end < text.length ? '…' : ''}`
}
