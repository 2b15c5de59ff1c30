import {
  type CassetteRef,
  type CassetteStore,
  readUsed,
  refName,
  unusedCassettes,
} from '@agent-stream/cassette'
import type { Command } from 'commander'

import { openCassettes } from '../../cassette-folder.ts'
import { countText } from '../../duration-text.ts'
import { CommandFailure } from '../../failure.ts'
import type { ExitCode, Shell } from '../../shell.ts'
import { reasonOf } from '../../system-error.ts'

interface UnusedOptions {
  readonly used: string
  readonly json?: boolean
}

export function unusedCommand(command: Command): Command {
  return command
    .summary('find recorded calls that no test asks for')
    .description('Finds the cassettes of a folder that a run did not use.')
    .argument('<folder>', 'a folder of cassettes')
    .requiredOption('--used <file>', 'what the run used: AGENT_STREAM_CASSETTES_USED=<file> makes it say so')
    .option('--json', 'one JSON object a cassette')
    .addHelpText('after', '\nExit code 1: there are some.')
}

export async function unusedInFolder(
  folder: string,
  { used, json }: UnusedOptions,
  { terminal }: Shell,
): Promise<ExitCode> {
  const store = await openCassettes(folder)
  const unused = await findUnused(store, used)
  for (const ref of unused) await terminal.print(json ? `${JSON.stringify(ref)}\n` : `${refName(ref)}\n`)
  if (!json) await terminal.print(`${countText(unused.length)} cassettes are not used\n`)
  return unused.length > 0 ? 1 : 0
}

/** By the file in which a run said what it used. */
export async function findUnused(store: CassetteStore, usedFile: string): Promise<readonly CassetteRef[]> {
  const used = await readUsed(usedFile).catch((error: unknown) => {
    throw new CommandFailure(`${usedFile}: ${reasonOf(error)}`)
  })
  // What a run that used nothing would leave unused is everything.
  if (used.length === 0) throw new CommandFailure(`${usedFile} names no cassettes; did the run use any?`)
  return unusedCassettes(store, used)
}
