import { sha256 } from '../key/digest.ts'
import type { CassetteRef } from './cassette-store.ts'

/** `json`: this project's own. `agentrec`: that of the Python tool. */
export type FileLayout = 'json' | 'agentrec'

/** Windows has devices of these names, whatever follows the dot. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i
/** File systems take 255 bytes; `.`, an occurrence and what a temporary file adds have to fit, too. */
const MAX_NAME_CHARS = 150

/**
 * The name of a cassette's file, without folder: never one that leads elsewhere, and never the same for two ids, also
 * where upper and lower case are the same.
 */
export function fileName({ id, occurrence }: CassetteRef, layout: FileLayout): string {
  const name = layout === 'agentrec' ? agentrecName(id) : ownName(id)
  const mark = layout === 'agentrec' ? '__' : '~'
  return `${name}${occurrence > 1 ? `${mark}${occurrence}` : ''}.json`
}

function ownName(id: string): string {
  const isSafe = /^[a-z0-9_-][a-z0-9._-]*$/.test(id) && !/\.$/.test(id) && !DEVICE.test(id)
  if (isSafe && id.length <= MAX_NAME_CHARS) return id
  const readable = id
    .toLowerCase()
    .replace(/[^a-z0-9._-]/g, '_')
    .replace(/^\.+/, '_')
    .slice(0, MAX_NAME_CHARS - 17)
  // No id that is a name itself has a plus.
  return `${readable}+${sha256(id).slice(0, 16)}`
}

/** As agentrec names it. */
function agentrecName(id: string): string {
  const safe = id.replace(/[^A-Za-z0-9._-]/g, '_')
  const isShort = safe.length <= MAX_NAME_CHARS
  if (safe === id && isShort && id !== '' && !/^\.|\.$/.test(id) && !DEVICE.test(id)) return id
  return `${safe.replace(/^\.+/, '_').slice(0, MAX_NAME_CHARS)}-${sha256(id).slice(0, 8)}`
}

/** A cassette's file: the name that the first occurrence of its id has, and which one it is. */
export interface NamedFile {
  readonly first: string
  readonly occurrence: number
}

/**
 * What the name of a cassette's file may stand for, the likeliest first; nothing for what is none. agentrec's ids may
 * themselves end like one of several occurrences.
 */
export function readFileName(name: string): readonly NamedFile[] {
  if (!/^[^.].*\.json$/.test(name)) return []
  const whole = { first: name, occurrence: 1 }
  const [, base, mark, number] = /^(.+)(~|__)([2-9]|[1-9]\d{1,6})\.json$/.exec(name) ?? []
  if (base === undefined) return [whole]
  const numbered = { first: `${base}.json`, occurrence: Number(number) }
  if (mark === '~') return [numbered]
  return /_[0-9a-f]{16}$/.test(base) ? [numbered, whole] : [whole, numbered]
}
