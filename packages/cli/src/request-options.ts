import type { Command } from 'commander'

/** How a command that reads a live stream is told what to ask for. */
export function addRequestOptions(command: Command): Command {
  return command
    .argument('<url>', 'the address of the stream')
    .option('--data <body>', 'send this in a POST; without it, the request is a GET')
    .option(
      '--header <name: value>',
      'a header of the request, such as authorization (more than once if need be)',
      (header: string, before: readonly string[] = []) => [...before, header],
    )
}
