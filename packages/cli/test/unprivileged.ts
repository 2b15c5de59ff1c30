/** The command by a user who may not read everything, also where tests run as root: it drops that once it is loaded. */
import { systemClock } from '@agent-stream/core'

import { run } from '../src/program.ts'
import { createTerminal } from '../src/terminal.ts'

const NOBODY = 65_534
if (process.getuid?.() === 0) process.seteuid?.(NOBODY)

process.exitCode = await run(process.argv.slice(2), {
  terminal: createTerminal(process.stdout, process.stderr),
  clock: systemClock,
  interrupted: () => new AbortController().signal,
})
