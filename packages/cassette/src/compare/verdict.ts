import { isObject, type JsonObject, parseJson } from '../json-object.ts'

/** What a judge found. */
export interface Verdict {
  readonly isEquivalent: boolean
  /** 0 to 1; what `isEquivalent` says where the judge gave none. */
  readonly score: number
  readonly hasScore: boolean
  readonly reason: string
}

/** No reply of a judge is longer: of one that is, the beginning counts. */
const MAX_CHARS = 20_000

/**
 * The verdict in a judge's reply: the first JSON object that says whether the answers are equivalent, whatever stands
 * around it. Throws `TypeError` where there is none.
 */
export function parseVerdict(reply: string): Verdict {
  const found = objectsIn(reply.slice(0, MAX_CHARS)).find(
    (object) => readFlag(object.equivalent) !== undefined,
  )
  if (!found) throw new TypeError(`The judge gave no verdict: ${JSON.stringify(reply.slice(0, 200))}`)
  const isEquivalent = readFlag(found.equivalent) === true
  const given = typeof found.score === 'string' ? Number.parseFloat(found.score) : found.score
  const hasScore = typeof given === 'number' && Number.isFinite(given)
  return {
    isEquivalent,
    score: hasScore ? Math.min(1, Math.max(0, given)) : Number(isEquivalent),
    hasScore,
    reason: typeof found.reason === 'string' ? found.reason.trim() : '',
  }
}

function readFlag(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value
  if (typeof value !== 'string') return undefined
  if (/^(true|yes)$/i.test(value.trim())) return true
  return /^(false|no)$/i.test(value.trim()) ? false : undefined
}

/** The JSON objects in a text, outer ones before those inside them. */
function objectsIn(text: string): readonly JsonObject[] {
  const objects: JsonObject[] = []
  for (const { index } of text.matchAll(/\{/g)) {
    const end = endOfObject(text, index)
    const value = end === -1 ? undefined : parseJson(text.slice(index, end))
    if (isObject(value)) objects.push(value)
  }
  return objects
}

/** Behind the brace that closes the one at `start`; -1 where none does. Braces in strings don't count. */
function endOfObject(text: string, start: number): number {
  let depth = 0
  let isInString = false
  for (let i = start; i < text.length; i++) {
    const character = text[i]
    if (isInString && character === '\\') i++
    else if (character === '"') isInString = !isInString
    else if (isInString) continue
    else if (character === '{') depth++
    else if (character === '}' && --depth === 0) return i + 1
  }
  return -1
}
