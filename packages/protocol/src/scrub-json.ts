import { SECRET_FIELDS, SECRET_NAMES } from './scrub-rules.ts'
import { redacted } from './scrub-text.ts'
import { isRecord } from './shape.ts'

const SECRET_NAME = new RegExp(`(?:${SECRET_NAMES}|(?:^|[^a-z])(?:${SECRET_FIELDS}))$`, 'i')
const TOKEN_NAME = /(?<!(?:page|next|continuation|sync|delta)[_-]?)token$/i
/** Organisations and projects: no keys, yet nobody else's business. */
const PRIVATE_HEADER = /^(?:openai|anthropic)-(?:organization(?:-id)?|project)$/i
const LOOKS_RANDOM = /^(?=[\s\S]{0,255}\d)\S{12}/

/** What is scrubbed besides the text of all strings. */
export interface JsonRules {
  /** Keys whose value is redacted whole, in lower case. */
  readonly keys: ReadonlySet<string>
  /** As `parsePath` gives them. */
  readonly paths: readonly (readonly string[])[]
  readonly scrubText: (text: string) => string
}

/** Whether the name of a field or of a header says that its value is a secret. */
export function isSecretField(name: string, value: string): boolean {
  return value !== '' && (SECRET_NAME.test(name) || (TOKEN_NAME.test(name) && LOOKS_RANDOM.test(value)))
}

export function isPrivateHeader(name: string): boolean {
  return PRIVATE_HEADER.test(name)
}

/** `$.a.b[0].*` as its keys. Throws `TypeError` for what is no path. */
export function parsePath(path: string): readonly string[] {
  const keys = String(path)
    .replace(/^\$/, '')
    .split(/[.[\]'"]+/)
    .filter((key) => key !== '')
  if (keys.length > 0) return keys
  throw new TypeError(`A path to redact is "${path}"; expected keys like input.user.email or items[*].iban`)
}

/** The value without secrets: the same object where it has none. */
export function scrubJson(value: unknown, rules: JsonRules): unknown {
  return scrubValue(value, '', rules, rules.paths, 0)
}

type Paths = readonly (readonly string[])[]

function scrubValue(value: unknown, name: string, rules: JsonRules, paths: Paths, depth: number): unknown {
  if (typeof value === 'string') {
    return isSecretField(name, value) ? redacted('secret') : rules.scrubText(value)
  }
  if (typeof value !== 'object' || value === null) return value
  // What is nested deeper than any payload is not looked through: it is left out.
  if (depth > 200) return redacted('too-deep')
  if (Array.isArray(value)) {
    const items = value.map((item, i) => scrubField(item, String(i), name, rules, paths, depth))
    return items.some((item, i) => item !== value[i]) ? items : value
  }
  return isRecord(value) ? scrubRecord(value, rules, paths, depth) : value
}

function scrubRecord(
  value: Record<string, unknown>,
  rules: JsonRules,
  paths: Paths,
  depth: number,
): Record<string, unknown> {
  let copy: Record<string, unknown> | undefined
  for (const key of Object.keys(value)) {
    const scrubbed = scrubField(value[key], key, key, rules, paths, depth)
    // No secret is shorter.
    const scrubbedKey = key.length < 16 ? key : rules.scrubText(key)
    if (scrubbed === value[key] && scrubbedKey === key) continue
    copy ??= { ...value }
    if (scrubbedKey !== key) delete copy[key]
    // Not by assignment: a key may be "__proto__".
    Object.defineProperty(copy, scrubbedKey, {
      value: scrubbed,
      enumerable: true,
      configurable: true,
      writable: true,
    })
  }
  return copy ?? value
}

/** `name`: the field's, also of the items of its list. */
function scrubField(
  value: unknown,
  key: string,
  name: string,
  rules: JsonRules,
  paths: Paths,
  depth: number,
): unknown {
  if (rules.keys.size > 0 && rules.keys.has(key.toLowerCase())) return redacted('key')
  if (paths.length === 0) return scrubValue(value, name, rules, paths, depth + 1)
  const inside: (readonly string[])[] = []
  for (const [head, ...rest] of paths) {
    if (head !== '*' && head !== key) continue
    if (rest.length === 0) return redacted('path')
    inside.push(rest)
  }
  return scrubValue(value, name, rules, inside, depth + 1)
}
