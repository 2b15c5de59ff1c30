import { Command, CommanderError } from 'commander'

import manifest from '../package.json' with { type: 'json' }
import { commandAdder } from './add-command.ts'
import { annotate, annotateCommand } from './commands/annotate.ts'
import { addCassetteCommands, cassettesGroup } from './commands/cassettes.ts'
import { diff, diffCommand } from './commands/diff.ts'
import { doctor, doctorCommand } from './commands/doctor.ts'
import { exportCommand, exportSessions } from './commands/export.ts'
import { gateway, gatewayCommand } from './commands/gateway.ts'
import { gen, genCommand } from './commands/gen.ts'
import { importCalls, importCommand } from './commands/import.ts'
import { migrateCommand, migrateCorpus } from './commands/migrate.ts'
import { profiles, profilesCommand } from './commands/profiles.ts'
import { query, queryCommand } from './commands/query.ts'
import { record, recordCommand } from './commands/record.ts'
import { replay, replayCommand } from './commands/replay.ts'
import { reportCommand, reportCorpus } from './commands/report.ts'
import { stats, statsCommand } from './commands/stats.ts'
import { testCommand, testRecordings } from './commands/test.ts'
import { CommandFailure } from './failure.ts'
import type { ExitCode, Shell } from './shell.ts'

const USAGE_EXIT = 2

/** Runs the command line; resolves to the exit code. */
export async function run(args: readonly string[], shell: Shell): Promise<0 | 1 | 2> {
  let exitCode: ExitCode = 0
  const program = createProgram(shell, (code) => {
    exitCode = code
  })
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (error) {
    // It has said what is wrong, or shown what was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE_EXIT
    if (!(error instanceof CommandFailure)) throw error
    shell.terminal.warn(error.message)
    return error.exitCode
  }
}

function createProgram(shell: Shell, onExit: (code: ExitCode) => void): Command {
  const program = new Command('agent-stream')
    .description('Replay, compare, measure and record the streams of AI agents.')
    .version(manifest.version)
    .exitOverride()
    .showHelpAfterError('(--help explains the options)')
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 something failed or was found, 2 the command was used wrongly.',
    )

  const add = commandAdder(program, shell, onExit)
  add('replay', replayCommand, replay)
  add('record', recordCommand, record)
  add('diff', diffCommand, diff)
  add('stats', statsCommand, stats)
  add('query', queryCommand, query)
  add('test', testCommand, testRecordings)
  add('gen', genCommand, gen)
  add('export', exportCommand, exportSessions)
  add('doctor', doctorCommand, doctor)
  add('gateway', gatewayCommand, gateway)
  add('migrate', migrateCommand, migrateCorpus)
  add('report', reportCommand, reportCorpus)
  add('annotate', annotateCommand, annotate)
  add('import', importCommand, importCalls)
  add('profiles', profilesCommand, profiles)
  addCassetteCommands(commandAdder(cassettesGroup(program), shell, onExit))
  return program
}
