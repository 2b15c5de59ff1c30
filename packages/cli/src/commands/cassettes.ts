import type { Command } from 'commander'

import type { AddCommand } from '../add-command.ts'
import { checkCassettes, checkCommand } from './cassettes/check.ts'
import { listCassettes, listCommand } from './cassettes/list.ts'
import { pruneCassettes, pruneCommand } from './cassettes/prune.ts'
import { scanCassettes, scanCommand } from './cassettes/scan.ts'
import { showCassette, showCommand } from './cassettes/show.ts'
import { unusedCommand, unusedInFolder } from './cassettes/unused.ts'

const HELP = `
Examples:
  agent-stream cassettes list test/cassettes
  agent-stream cassettes scan test/cassettes        exits with 1 where a secret is left: for CI
  AGENT_STREAM_CASSETTES_USED=used.jsonl npm test && agent-stream cassettes unused test/cassettes --used used.jsonl`

/** The group that cassette commands are under. */
export function cassettesGroup(program: Command): Command {
  return program
    .command('cassettes')
    .summary('look through recorded LLM calls: list, show, scan, check, unused, prune')
    .description('Looks through folders of cassettes: recorded LLM calls, also of agentrec.')
    .addHelpText('after', HELP)
}

export function addCassetteCommands(add: AddCommand): void {
  add('list', listCommand, listCassettes)
  add('show', showCommand, showCassette)
  add('scan', scanCommand, scanCassettes)
  add('check', checkCommand, checkCassettes)
  add('unused', unusedCommand, unusedInFolder)
  add('prune', pruneCommand, pruneCassettes)
}
