import { systemClock } from '@agent-stream/core'

import { run } from '../src/program.ts'

/** What a command wrote that ran in this process: much faster, and without what `main.ts` and commander write. */
export interface HereResult {
  readonly stdout: string
  /** The messages, without the command's name. */
  readonly stderr: string
  readonly exitCode: number
}

export async function runHere(...args: readonly string[]): Promise<HereResult> {
  let stdout = ''
  const messages: string[] = []
  const terminal = {
    print: async (text: string) => {
      stdout += text
    },
    say: (message: string) => void messages.push(message),
    warn: (message: string) => void messages.push(message),
    paint: (_style: unknown, text: string) => text,
    draw: () => undefined,
    columns: 100,
  }
  const { signal } = new AbortController()
  const exitCode = await run(args, { terminal, clock: systemClock, interrupted: () => signal })
  return { stdout, stderr: messages.join('\n'), exitCode }
}
