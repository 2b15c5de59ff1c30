import { CommandFailure } from './failure.ts'

/** A piece of a `--where` expression. */
export interface WhereToken {
  readonly type: 'word' | 'text' | 'number' | 'pattern' | 'sign' | 'end'
  readonly text: string
  /** Where it begins, from 0. */
  readonly at: number
}

const PIECES = [
  ['number', /-?\d+(?:\.\d+)?(?:ms|s|min|h)?(?![\w.-])/y],
  ['text', /"[^"]*"|'[^']*'/y],
  ['pattern', /\/(?:[^/\\]|\\.)+\/i?/y],
  ['sign', /[<>]=?|==|!?[=~]|[()]/y],
  ['word', /[\w.:@*-]+/y],
] as const

export function whereTokens(source: string): WhereToken[] {
  const tokens: WhereToken[] = []
  let at = skipSpace(source, 0)
  while (at < source.length) {
    const token = tokenAt(source, at)
    tokens.push(token)
    at = skipSpace(source, at + token.text.length)
  }
  return [...tokens, { type: 'end', text: '', at }]
}

function tokenAt(source: string, at: number): WhereToken {
  for (const [type, pattern] of PIECES) {
    pattern.lastIndex = at
    const text = pattern.exec(source)?.[0]
    if (text) return { type, text, at }
  }
  throw whereFailure(source, at, `cannot read "${source.slice(at, at + 10)}"`)
}

function skipSpace(source: string, from: number): number {
  let at = from
  while (/\s/.test(source[at] ?? '')) at++
  return at
}

export function whereFailure(source: string, at: number, problem: string): CommandFailure {
  const example = `Expected comparisons like: outcome = failed and ttft_ms > 2s`
  return new CommandFailure(`--where: ${problem} at character ${at + 1} of "${source}". ${example}`, 2)
}
