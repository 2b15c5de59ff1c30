import type { Command } from 'commander'

import type { ExitCode, Shell } from './shell.ts'

/** Adds a command. `Args` are what commander hands over for it as it is declared. */
export type AddCommand = <Args extends unknown[]>(
  name: string,
  declare: (command: Command) => Command,
  execute: (...args: [...Args, Shell]) => Promise<ExitCode>,
) => void

/** Adds commands to a program, or to a command that has others under it. */
export function commandAdder(parent: Command, shell: Shell, onExit: (code: ExitCode) => void): AddCommand {
  return <Args extends unknown[]>(
    name: string,
    declare: (command: Command) => Command,
    execute: (...args: [...Args, Shell]) => Promise<ExitCode>,
  ) => {
    declare(parent.command(name)).action(async (...given) => {
      // The last one is the command itself.
      onExit(await execute(...(given.slice(0, -1) as Args), shell))
    })
  }
}
