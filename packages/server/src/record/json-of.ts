const FLAT_TYPES: ReadonlySet<string> = new Set(['string', 'number', 'boolean', 'undefined'])

/**
 * As JSON has it: what is scrubbed is then what is written, whatever `toJSON` gives and whoever changes the object
 * meanwhile, and it ends, since what refers to itself is no JSON.
 */
export function jsonOf(data: unknown): unknown {
  return isFlat(data) ? data : JSON.parse(JSON.stringify(data))
}

/** Nearly all events are, and need no copy. */
function isFlat(data: unknown): boolean {
  if (typeof data !== 'object' || data === null || Object.getPrototypeOf(data) !== Object.prototype)
    return false
  return Object.values(data).every((value) => value === null || FLAT_TYPES.has(typeof value))
}
