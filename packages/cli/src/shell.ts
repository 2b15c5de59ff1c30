import type { Clock } from '@agent-stream/core'

import type { Terminal } from './terminal.ts'

/** What a command has to do with the world outside. */
export interface Shell {
  readonly terminal: Terminal
  readonly clock: Clock
  /** Aborted by the first Ctrl-C, which then no longer ends the process; a second one does. */
  interrupted(): AbortSignal
}

/** 0: done. 1: something failed, or was found. */
export type ExitCode = 0 | 1
