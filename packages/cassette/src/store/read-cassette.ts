import type { Dialect } from '@agent-stream/protocol'

import { CassetteError } from '../cassette-error.ts'
import { isAgentrecJson, parseAgentrec } from './agentrec-json.ts'
import { isCassetteJson, otherVersion, parseCassette } from './cassette-json.ts'
import type { Cassette, CassetteRef, StoreProblem } from './cassette-store.ts'

/** What a file holds. */
export type FileContent =
  | { readonly type: 'cassette'; readonly cassette: Cassette }
  | { readonly type: 'problem'; readonly problem: StoreProblem }

/** Reads a file of either layout. `ref` is what its name stands for; agentrec's files don't say it themselves. */
export async function readCassette(
  name: string,
  bytes: Uint8Array,
  ref: CassetteRef,
  dialects: readonly Dialect[],
): Promise<FileContent> {
  const problem = (code: StoreProblem['code'], message: string): FileContent => ({
    type: 'problem',
    problem: { name, code, message: `${name}: ${message}` },
  })
  let json: unknown
  try {
    json = JSON.parse(Buffer.from(bytes).toString())
  } catch {
    return problem('torn', 'no whole JSON; remove it, and record anew')
  }
  try {
    if (isCassetteJson(json)) {
      const other = otherVersion(json)
      return other === undefined
        ? { type: 'cassette', cassette: parseCassette(json) }
        : problem('foreign', other)
    }
    if (isAgentrecJson(json)) {
      return { type: 'cassette', cassette: await parseAgentrec(json, ref.id, ref.occurrence, dialects) }
    }
  } catch (error) {
    if (error instanceof TypeError) return problem('torn', error.message)
    throw error
  }
  return problem('foreign', 'JSON, but no cassette')
}

export function unreadable({ message }: StoreProblem): CassetteError {
  return new CassetteError('unreadable', `The cassette cannot be read: ${message}`)
}
