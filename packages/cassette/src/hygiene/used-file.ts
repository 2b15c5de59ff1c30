import { appendFile, readFile } from 'node:fs/promises'

import { objectOr, parseJson } from '../json-object.ts'
import type { CassetteRef } from '../store/cassette-store.ts'

/** Adds to a file that any number of processes write to: a line a cassette. */
export async function noteUsed(path: string, { id, occurrence }: CassetteRef): Promise<void> {
  await appendFile(path, `${JSON.stringify({ id, occurrence })}\n`, { mode: 0o600 })
}

/** What such a file has, each once; lines that are none are passed over. Rejects where there is no file. */
export async function readUsed(path: string): Promise<readonly CassetteRef[]> {
  const refs = new Map<string, CassetteRef>()
  for (const line of (await readFile(path, 'utf8')).split('\n')) {
    const { id, occurrence } = objectOr(parseJson(line))
    if (typeof id === 'string' && typeof occurrence === 'number') refs.set(line, { id, occurrence })
  }
  return [...refs.values()]
}
