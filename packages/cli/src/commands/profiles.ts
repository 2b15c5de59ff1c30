import type { PriceSnapshot, Rates } from '@agent-stream/cassette/migration'
import type { Command } from 'commander'

import { countText } from '../duration-text.ts'
import { CommandFailure } from '../failure.ts'
import { list } from '../migration-options.ts'
import { readPrices } from '../pricing.ts'
import type { ExitCode, Shell } from '../shell.ts'
import { type Column, table } from '../table.ts'

const HELP = `
Prices are dated: they hold from their day on. A folder of JSON files, a snapshot each, adds to them; a profile in it
replaces the one of its name.

Examples:
  agent-stream profiles
  agent-stream profiles anthropic
  agent-stream profiles --pricing-dir prices --json`

interface ProfilesOptions {
  readonly pricingDir?: readonly string[]
  readonly json?: boolean
}

export function profilesCommand(command: Command): Command {
  return command
    .summary('show the prices that migrate and report count by')
    .description('Lists the price profiles, or the prices of one, per million tokens.')
    .argument('[profile]', 'the profile whose prices are shown')
    .option('--pricing-dir <folder>', 'a folder of further prices (more than once if need be)', list)
    .option('--json', 'as one JSON object')
    .addHelpText('after', HELP)
}

export async function profiles(
  name: string | undefined,
  { pricingDir = [], json }: ProfilesOptions,
  { terminal }: Shell,
): Promise<ExitCode> {
  const snapshots = (await readPrices(pricingDir)).filter(
    ({ profile }) => name === undefined || profile === name,
  )
  if (snapshots.length === 0)
    throw new CommandFailure(`there is no profile "${name}"; agent-stream profiles lists them`, 2)
  if (json) await terminal.print(`${JSON.stringify({ profiles: snapshots })}\n`)
  else
    await terminal.print(name === undefined ? profileTable(snapshots) : snapshots.map(priceTable).join('\n'))
  return 0
}

function profileTable(snapshots: readonly PriceSnapshot[]): string {
  return table(
    [
      { title: 'PROFILE' },
      { title: 'AS OF' },
      { title: 'CURRENCY' },
      { title: 'MODELS', align: 'right' },
      { title: 'SOURCE' },
    ],
    snapshots.map(({ profile, asOf, currency, models, source = '-' }) => [
      profile,
      asOf,
      currency,
      countText(models.length),
      source,
    ]),
  )
}

const RATES: readonly (readonly [keyof Rates, string])[] = [
  ['input', 'INPUT'],
  ['cacheRead', 'CACHE READ'],
  ['cacheWrite', 'CACHE WRITE'],
  ['output', 'OUTPUT'],
]

function priceTable({ profile, asOf, currency, models }: PriceSnapshot): string {
  const columns = RATES.map(([, title]): Column => ({ title, align: 'right' }))
  const rows = models.map(({ match, rates }) => [
    match.join(', '),
    ...RATES.map(([bucket]) => (rates[bucket] === undefined ? '-' : String(rates[bucket]))),
  ])
  return `${profile} as of ${asOf}, ${currency} per million tokens\n\n${table([{ title: 'MODEL' }, ...columns], rows)}`
}
