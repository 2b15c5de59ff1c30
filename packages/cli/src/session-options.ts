import { type Command, Option } from 'commander'

import { integerFrom } from './number-argument.ts'
import type { SessionChoice } from './pick-session.ts'

export interface SessionOptions {
  readonly session?: string
  readonly index?: number
}

/** How a command is told which session of a recording it is about. */
export function addSessionOptions(command: Command): Command {
  return command
    .addOption(new Option('--session <id>', 'the session with this id').conflicts(['last', 'index']))
    .addOption(new Option('--last', 'the last session (the default)').conflicts('index'))
    .option('--index <n>', 'the nth session of "replay --list"', integerFrom(1, Infinity, '2'))
}

export function choiceOf({ session, index }: SessionOptions): SessionChoice {
  if (session !== undefined) return { by: 'id', id: session }
  return index === undefined ? { by: 'last' } : { by: 'index', index }
}
