import { CassetteError } from '../cassette-error.ts'
import type { CapturedRequest } from '../exchange.ts'
import { keyFields } from '../key/cassette-key.ts'
import type { RequestKey, RequestKeyOptions } from '../key/key-of-request.ts'
import { PARTIAL_PREFIX } from '../record/cassette-writer.ts'
import type { CassetteStore } from '../store/cassette-store.ts'
import { differences, differenceText, type Leaves, leavesOf, likeness } from './difference.ts'

export interface MissOptions {
  readonly store: CassetteStore
  readonly keyOptions: RequestKeyOptions
  /** What to do about it: which mode records. */
  readonly advice: string
}

/** Recordings that are compared, and differences that are shown. */
const MAX_COMPARED = 5000
const MAX_SHOWN = 12

interface Nearest {
  readonly id: string
  readonly leaves: Leaves
  readonly likeness: number
}

/**
 * Says that nothing answers the `n`-th request of a key, and how the nearest recording differs. `request` is as it would
 * be stored: what is secret is in no message.
 */
export async function missError(
  request: CapturedRequest,
  key: RequestKey,
  n: number,
  { store, keyOptions, advice }: MissOptions,
): Promise<CassetteError> {
  const known = await store.occurrences(key.id)
  const head = `No recording answers ${await requestText(request, keyOptions)}`
  if (known.length > 0) {
    const text = `${head} for the ${n}. time: there are ${known.length} of ${key.id}. ${advice}`
    return new CassetteError('miss', text)
  }
  const partial = await store.occurrences(PARTIAL_PREFIX + key.id)
  if (partial.length > 0) {
    return new CassetteError('partial', `${head}: what was recorded as ${key.id} broke off. ${advice}`)
  }
  const asked = leavesOf(await keyFields(request, keyOptions))
  const { nearest, count } = await nearestTo(asked, store, keyOptions)
  const lines = [`${head} (${key.id}), of ${count} there are. ${advice}`, ...nearestLines(nearest, asked)]
  return new CassetteError('miss', lines.join('\n'))
}

async function requestText(request: CapturedRequest, options: RequestKeyOptions): Promise<string> {
  const { method, path, provider, model, stream } = await keyFields(request, options)
  return `${method ?? request.method} ${path ?? ''} (${provider}, ${model ?? 'no model'}${stream ? ', streamed' : ''})`
}

async function nearestTo(
  asked: Leaves,
  store: CassetteStore,
  options: RequestKeyOptions,
): Promise<{ readonly nearest: Nearest | undefined; readonly count: number }> {
  let nearest: Nearest | undefined
  let count = 0
  for await (const entry of store.entries()) {
    if (entry.type === 'problem' || entry.cassette.id.startsWith(PARTIAL_PREFIX)) continue
    if (count++ >= MAX_COMPARED) break
    const { id, exchange } = entry.cassette
    const leaves = leavesOf(await keyFields(exchange.request, options))
    const found = likeness(asked, leaves)
    if (found > (nearest?.likeness ?? 0)) nearest = { id, leaves, likeness: found }
  }
  return { nearest, count }
}

function nearestLines(nearest: Nearest | undefined, asked: Leaves): readonly string[] {
  if (!nearest) return []
  const found = differences(nearest.leaves, asked)
  if (found.length === 0) return [`The nearest is ${nearest.id}, which differs only in what is scrubbed`]
  const shown = found.slice(0, MAX_SHOWN).map((difference) => `  ${differenceText(difference)}`)
  const more = found.length > MAX_SHOWN ? [`  and ${found.length - MAX_SHOWN} more`] : []
  return [`The nearest is ${nearest.id}, which differs in:`, ...shown, ...more]
}
