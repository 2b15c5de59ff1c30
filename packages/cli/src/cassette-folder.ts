import { stat } from 'node:fs/promises'
import { type Cassette, type CassetteStore, fileStore, type StoreProblem } from '@agent-stream/cassette'

import { CommandFailure } from './failure.ts'
import { reasonOf } from './system-error.ts'
import type { Terminal } from './terminal.ts'

/** The cassettes of a folder that there is. Rejects with `CommandFailure` for one that there is not. */
export async function openCassettes(folder: string): Promise<CassetteStore> {
  const found = await stat(folder).catch((error: unknown) => {
    throw new CommandFailure(`${folder}: ${reasonOf(error)}`)
  })
  if (!found.isDirectory()) throw new CommandFailure(`${folder} is no folder; expected a folder of cassettes`)
  return fileStore(folder)
}

/** Reads a folder's cassettes one after the other, and draws how far it is. What is none goes to `onProblem`. */
export async function* readCassettes(
  store: CassetteStore,
  terminal: Terminal,
  onProblem: (problem: StoreProblem) => void,
): AsyncGenerator<Cassette> {
  let count = 0
  for await (const entry of store.entries()) {
    terminal.draw(`${++count} cassettes`)
    if (entry.type === 'cassette') yield entry.cassette
    else onProblem(entry.problem)
  }
  terminal.draw('')
}
