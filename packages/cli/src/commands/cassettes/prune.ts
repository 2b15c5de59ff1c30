import { type CassetteRef, refName } from '@agent-stream/cassette'
import type { Command } from 'commander'

import { openCassettes, readCassettes } from '../../cassette-folder.ts'
import { countText } from '../../duration-text.ts'
import { CommandFailure } from '../../failure.ts'
import type { ExitCode, Shell } from '../../shell.ts'
import { findUnused } from './unused.ts'

interface PruneOptions {
  readonly used?: string
  readonly partial?: boolean
  readonly dryRun?: boolean
  readonly json?: boolean
}

export function pruneCommand(command: Command): Command {
  return command
    .summary('remove recorded calls that nobody needs')
    .description('Removes the cassettes that a run did not use, or those that broke off.')
    .argument('<folder>', 'a folder of cassettes')
    .option(
      '--used <file>',
      'remove what the run did not use that AGENT_STREAM_CASSETTES_USED=<file> was set for',
    )
    .option('--partial', 'remove calls that broke off')
    .option('--dry-run', 'remove nothing, and show what would be')
    .option('--json', 'one JSON object a cassette')
}

export async function pruneCassettes(
  folder: string,
  { used, partial, dryRun, json }: PruneOptions,
  { terminal }: Shell,
): Promise<ExitCode> {
  if (used === undefined && !partial)
    throw new CommandFailure('what to remove? --used <file>, --partial, or both', 2)
  const store = await openCassettes(folder)
  const refs = new Map<string, CassetteRef>()
  const add = (ref: CassetteRef) => refs.set(refName(ref), { id: ref.id, occurrence: ref.occurrence })
  if (used !== undefined) for (const ref of await findUnused(store, used)) add(ref)
  if (partial) {
    for await (const cassette of readCassettes(store, terminal, () => undefined)) {
      if (cassette.exchange.end.type !== 'complete') add(cassette)
    }
  }
  for (const [name, ref] of refs) {
    if (!dryRun) await store.remove(ref)
    await terminal.print(json ? `${JSON.stringify(ref)}\n` : `${name}\n`)
  }
  const done = dryRun ? 'would be removed' : 'removed'
  if (!json) await terminal.print(`${countText(refs.size)} cassettes ${done}\n`)
  return 0
}
