#!/usr/bin/env node
import { systemClock } from '@agent-stream/core'

import { createInterrupts } from './interrupts.ts'
import { run } from './program.ts'
import { createTerminal } from './terminal.ts'

const terminal = createTerminal(process.stdout, process.stderr)
const { interrupted } = createInterrupts(process, () => terminal.draw(''))

// Whoever read has had enough, as `head` has.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

process.exitCode = await run(process.argv.slice(2), { terminal, clock: systemClock, interrupted })
