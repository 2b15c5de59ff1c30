import { isPrivateHeader, isSecretField, type JsonRules, parsePath, scrubJson } from './scrub-json.ts'
import { knownSecrets } from './scrub-known.ts'
import { patternSecrets } from './scrub-pattern.ts'
import { fieldRules, MAX_TRIGGER_CHARS, numberRule, SECRET_RULES } from './scrub-rules.ts'
import {
  createTextScrubber,
  redacted,
  type SecretFinder,
  scrubText,
  type TextScrubber,
} from './scrub-text.ts'

export { createEventScrubber, type EventScrubber } from './scrub-event.ts'
export { MAX_HELD_CHARS, type TextScrubber } from './scrub-text.ts'

export interface ScrubOptions {
  /** What else is a secret. A match is replaced whole; it should not be longer than 256 characters. */
  readonly patterns?: readonly RegExp[]
  /** Keys whose value is redacted wherever they stand in JSON. Upper and lower case are the same. */
  readonly keys?: readonly string[]
  /** Values to redact: `input.user.email`, `items[*].iban`. They begin at the value, or an event's payload. */
  readonly paths?: readonly string[]
}

/** Takes secrets out, and puts `[REDACTED:<kind>]` in their place. */
export interface Scrubber {
  /** A whole text. */
  text(text: string): string
  /** A JSON value: its strings, and what keys and paths say is secret. The same object where it has no secret. */
  json(value: unknown): unknown
  /** The value of a header or of another field, which may be secret by its name. */
  field(name: string, value: string): string
  /**
   * A text that comes in fragments. `'arguments'`: it is JSON text, in which the last keys of `paths` count
   * wherever they stand.
   */
  stream(kind?: 'text' | 'arguments'): TextScrubber
}

const MAX_KEY_CHARS = 100
/** Ids and names come again in every event of a stream. */
const MAX_REMEMBERED_CHARS = 64
const MAX_REMEMBERED = 1000

/** The known secrets, and the caller's own. Throws `TypeError` for options that are none. */
export function createScrubber({ patterns = [], keys = [], paths = [] }: ScrubOptions = {}): Scrubber {
  for (const key of keys) {
    if (typeof key !== 'string' || key === '' || key.length > MAX_KEY_CHARS) {
      throw new TypeError(
        `A key to redact is ${typeof key === 'string' ? `"${key}"` : typeof key}; expected 1 to ${MAX_KEY_CHARS} characters`,
      )
    }
  }
  for (const pattern of patterns) {
    if (!(pattern instanceof RegExp))
      throw new TypeError(`A pattern to redact is ${typeof pattern}; expected a RegExp`)
  }
  const parsed = paths.map(parsePath)
  const lastKeys = parsed.map((path) => path.at(-1) as string).filter((key) => !/^(?:\*|\d+)$/.test(key))
  const own = patterns.map((pattern) => patternSecrets(pattern, 'pattern'))
  const finders = [known(keys), ...own]
  const argumentFinders = lastKeys.length > 0 ? [known([...keys, ...lastKeys]), ...own] : finders

  const text = rememberingClean((given) => scrubText(finders, given))
  const rules: JsonRules = {
    keys: new Set(keys.map((key) => key.toLowerCase())),
    paths: parsed,
    scrubText: text,
  }
  return {
    text,
    json: (value) => scrubJson(value, rules),
    field(name, value) {
      if (rules.keys.has(name.toLowerCase())) return redacted('key')
      return isSecretField(name, value) || isPrivateHeader(name) ? redacted('secret') : text(value)
    },
    stream: (kind) => createTextScrubber(kind === 'arguments' ? argumentFinders : finders),
  }
}

/** Looks for secrets only once in short texts that have none. */
function rememberingClean(scrub: (text: string) => string): (text: string) => string {
  const clean = new Set<string>()
  return (given) => {
    if (clean.has(given)) return given
    const scrubbed = scrub(given)
    if (scrubbed === given && given.length <= MAX_REMEMBERED_CHARS) {
      if (clean.size >= MAX_REMEMBERED) clean.clear()
      clean.add(given)
    }
    return scrubbed
  }
}

/** Made once: its expression is large, and a scrubber may be one call's. */
const KNOWN = knownSecrets(SECRET_RULES)

function known(keys: readonly string[]): SecretFinder {
  if (keys.length === 0) return KNOWN
  // Only whole keys: `"` or `\"` stands before them, too.
  const names = keys.map((key) => `(?<=["'])${key.replace(/[^\w]/g, '\\$&')}`).join('|')
  const longest = Math.max(...keys.map((key) => key.length))
  // Before the rest: what a caller calls secret is redacted as that.
  const begins = keys.flatMap((key) => [`${key}"`, `${key}'`, `${key}\\`])
  const rules = [...fieldRules(names, 'key', begins), numberRule(names, 'key', begins), ...SECRET_RULES]
  return knownSecrets(rules, Math.max(MAX_TRIGGER_CHARS, longest + 10))
}
