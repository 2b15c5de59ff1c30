import { refName, scanStore } from '@agent-stream/cassette'
import { type Command, InvalidArgumentError } from 'commander'

import { openCassettes } from '../../cassette-folder.ts'
import { countText } from '../../duration-text.ts'
import type { ExitCode, Shell } from '../../shell.ts'

interface ScanCommandOptions {
  readonly pattern?: readonly RegExp[]
  readonly json?: boolean
}

export function scanCommand(command: Command): Command {
  return command
    .summary('look for secrets in recorded calls')
    .description(
      'Looks for secrets in all cassettes of a folder, and says where they are, never what they are.',
    )
    .argument('<folder>', 'a folder of cassettes')
    .option('--pattern <expression...>', 'what is a secret, too: a regular expression', addPattern)
    .option('--json', 'one JSON object a finding')
    .addHelpText('after', '\nExit code 1: there is one, or a file could not be looked through.')
}

function addPattern(source: string, before: readonly RegExp[] = []): readonly RegExp[] {
  try {
    return [...before, new RegExp(source)]
  } catch {
    throw new InvalidArgumentError(`Expected a regular expression; got "${source}".`)
  }
}

export async function scanCassettes(
  folder: string,
  { pattern = [], json }: ScanCommandOptions,
  { terminal }: Shell,
): Promise<ExitCode> {
  const store = await openCassettes(folder)
  let [scanned, secrets, problems] = [0, 0, 0]
  const onScanned = () => terminal.draw(`${countText(++scanned)} cassettes`)
  for await (const finding of scanStore(store, { scrub: { patterns: pattern }, onScanned })) {
    if (finding.type === 'problem') {
      problems++
      terminal.warn(finding.problem.message)
      continue
    }
    secrets++
    const { places } = finding
    const cassette = refName(finding.ref)
    await terminal.print(
      json ? `${JSON.stringify({ cassette, places })}\n` : `${cassette}: ${places.join(', ')}\n`,
    )
  }
  terminal.draw('')
  if (!json) await terminal.print(`${countText(secrets)} of ${countText(scanned)} cassettes have secrets\n`)
  return secrets + problems > 0 ? 1 : 0
}
