import type { Agent, AgentContext } from '@agent-stream/server'

/** What a test asks of the agent. */
export interface Task {
  readonly tokens: number
  /** Milliseconds between tokens. Default 0. */
  readonly gapMs?: number
  /** Characters of each token, padded with dots. Default: none. */
  readonly chars?: number
  /** Asks a human in the middle. */
  readonly asks?: boolean
}

/** The nth token: no two are alike, so that a lost, doubled or moved one shows in the text. */
function tokenText(n: number): string {
  return `${n}·`
}

export function textOf(tokens: number): string {
  return Array.from({ length: tokens }, (_, n) => tokenText(n)).join('')
}

/** Counts. Continues from its log where it stopped. */
export const countingAgent: Agent = async function* ({ input, state, signal, requestInput }: AgentContext) {
  const { tokens, gapMs = 0, chars = 0, asks = false } = input as Task
  // What came after an answer is no token of the count.
  const start = state.text === '' ? 0 : state.text.split('·').length - 1
  for (let n = start; n < tokens; n++) {
    signal.throwIfAborted()
    if (asks && n === tokens >> 1)
      await requestInput({ kind: 'question', message: 'Go on?', inputId: 'go-on' })
    yield { type: 'token', text: tokenText(n).padEnd(chars, '.') }
    if (gapMs > 0) await new Promise((resolve) => setTimeout(resolve, gapMs))
  }
}
