import type { Expectation, ExpectedTool } from './case.ts'
import type { Observed, ShownTool } from './driver.ts'

/** What is wrong in what was observed, nothing if any of the expectations is met; else of the one that is met best. */
export function judge(expectations: readonly Expectation[], observed: Observed): readonly string[] {
  const all = expectations.map((expected) => problemsOf(expected, observed))
  return all.reduce((best, problems) => (problems.length < best.length ? problems : best))
}

const DEFAULT_WITHIN_MS = 10_000

function problemsOf(expected: Expectation, observed: Observed): string[] {
  const { outcome, text, tools, requests, durationMs, memoryMiB } = observed
  const { withinMs = DEFAULT_WITHIN_MS, maxMemoryMiB = Infinity, minGapMs = 0 } = expected
  const wanted: readonly string[] = [expected.outcome].flat()
  const textWanted = expected.text ?? text
  const problems = {
    [`ends in "${outcome}" instead of ${wanted.map((word) => `"${word}"`).join(' or ')}`]:
      !wanted.includes(outcome),
    [`the text is ${excerpt(text)} instead of ${excerpt(textWanted)}`]: text !== textWanted,
    [`the text is ${excerpt(text)} and does not begin with ${excerpt(expected.textStart ?? '')}`]:
      !text.startsWith(expected.textStart ?? ''),
    [`the text has ${text.length} characters instead of ${expected.textLength}`]:
      text.length !== (expected.textLength ?? text.length),
    [`the tools are ${named(tools)} instead of ${named(expected.tools ?? tools)}`]: !areSame(
      tools,
      expected.tools ?? tools,
    ),
    'no error is shown': expected.error === true && !observed.hasError,
    'the gap is not seen': expected.isGapShown === true && !observed.isGapShown,
    [`${requests} ${requests === 1 ? 'request' : 'requests'} instead of ${expected.requests}`]:
      requests !== (expected.requests ?? requests),
    [`asks again after ${Math.round(observed.shortestGapMs)} ms instead of ${minGapMs}`]:
      observed.shortestGapMs < minGapMs,
    'leaves the connection open': expected.isClosed === true && observed.isOpen,
    [`takes ${Math.round(durationMs)} ms`]: durationMs > withinMs,
    [`takes ${Math.round(memoryMiB)} MiB of memory`]: memoryMiB > maxMemoryMiB,
    [`an unhandled rejection: ${observed.unhandled[0]}`]: observed.unhandled.length > 0,
  }
  return Object.entries(problems)
    .filter(([, isProblem]) => isProblem)
    .map(([problem]) => problem)
}

function areSame(shown: readonly ShownTool[], expected: readonly (ExpectedTool | ShownTool)[]): boolean {
  const left = [...shown]
  const areFound = expected.every((tool) => {
    const index = left.findIndex(
      ({ name, status, output }) =>
        name === (tool.name ?? name) && status === tool.status && output === (tool.output ?? output),
    )
    if (index !== -1) left.splice(index, 1)
    return index !== -1
  })
  return areFound && left.length === 0
}

function named(tools: readonly (ExpectedTool | ShownTool)[]): string {
  return tools.length === 0 ? 'none' : tools.map(({ name = 'any', status }) => `${name} ${status}`).join(', ')
}

function excerpt(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)
}
