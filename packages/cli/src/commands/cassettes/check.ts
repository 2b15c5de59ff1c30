import { duplicateCassettes, refName } from '@agent-stream/cassette'
import type { Command } from 'commander'

import { openCassettes, readCassettes } from '../../cassette-folder.ts'
import { countText } from '../../duration-text.ts'
import { numberFrom } from '../../number-argument.ts'
import type { ExitCode, Shell } from '../../shell.ts'

interface CheckOptions {
  readonly maxAge?: number
  readonly json?: boolean
}

interface Finding {
  readonly code: string
  readonly cassettes: readonly string[]
  readonly message: string
}

const DAY_MS = 86_400_000

export function checkCommand(command: Command): Command {
  return command
    .summary('find what is torn, partial, doubled or old')
    .description(
      'Finds files that are no cassettes, calls that broke off, the same call twice, and old ones.',
    )
    .argument('<folder>', 'a folder of cassettes')
    .option('--max-age <days>', 'a cassette that is older is old; without it, none is', numberFrom(0, '90'))
    .option('--json', 'one JSON object a finding')
    .addHelpText('after', '\nExit code 1: there is something.')
}

export async function checkCassettes(
  folder: string,
  { maxAge = Infinity, json }: CheckOptions,
  { terminal }: Shell,
): Promise<ExitCode> {
  const store = await openCassettes(folder)
  const findings: Finding[] = []
  const oldest = Date.now() - maxAge * DAY_MS
  let count = 0
  const cassettes = readCassettes(store, terminal, ({ name, code, message }) => {
    findings.push({ code, cassettes: [name], message })
  })
  for await (const { exchange, ...ref } of cassettes) {
    count++
    const name = refName(ref)
    const add = (code: string, text: string) =>
      findings.push({ code, cassettes: [name], message: `${name}: ${text}` })
    if (exchange.end.type !== 'complete')
      add('partial', `it broke off (${exchange.end.type}), and is no answer`)
    else if (Date.parse(exchange.startedAt) < oldest) add('old', `of ${exchange.startedAt.slice(0, 10)}`)
  }
  for (const group of await duplicateCassettes(store)) {
    const names = group.map(refName)
    findings.push({ code: 'duplicate', cassettes: names, message: `${names.join(' = ')}: the same call` })
  }
  for (const finding of findings) {
    await terminal.print(
      json ? `${JSON.stringify(finding)}\n` : `${finding.code.padEnd(9)} ${finding.message}\n`,
    )
  }
  if (!json) await terminal.print(`${countText(count)} cassettes, ${countText(findings.length)} findings\n`)
  return findings.length > 0 ? 1 : 0
}
