import { describe, expect, it } from 'vitest'

import { CommandFailure } from '../src/failure.ts'
import { parseWhere } from '../src/where.ts'

const ROW = {
  outcome: 'failed',
  duration_ms: 2500,
  synthetic: false,
  end: null,
  tools: ['search', 'send_mail'],
  hung_tools: [],
  tool_ms: { search: 1200, 'mcp.fetch': 5 },
  started_at: '2026-01-02T03:04:05Z',
  text: 'Your refund is on its way',
  error_type: undefined,
}

const holds = (source: string) => parseWhere(source, Object.keys(ROW))(ROW)

describe('parseWhere', () => {
  it.each([
    ['outcome = failed', true],
    ['outcome == "failed"', true],
    ["outcome != 'failed'", false],
    ['duration_ms > 2s', true],
    ['duration_ms >= 2500ms and duration_ms <= 2.5s', true],
    ['duration_ms < 0.04min', false],
    ['duration_ms = 2500', true],
    ['started_at >= 2026-01-02', true],
    ['started_at < 2026-01-02', false],
    ['synthetic = false', true],
    ['end = null', true],
  ])('compares: %s is %s', (source, expected) => expect(holds(source)).toBe(expected))

  it.each([
    ['text ~ REFUND', true],
    ['text !~ refund', false],
    ['text ~ /^your .* way$/i', true],
    ['text ~ /^your/', false],
  ])('searches: %s is %s', (source, expected) => expect(holds(source)).toBe(expected))

  it.each([
    ['tools = search', true],
    ['tools ~ mail', true],
    ['tools != search', false],
    ['tools = fetch', false],
  ])('compares any item of a list: %s is %s', (source, expected) => expect(holds(source)).toBe(expected))

  it.each([
    ['tool_ms.search > 1s', true],
    ['tool_ms.mcp.fetch = 5', true],
    ['tool_ms.toString', false],
    ['tool_ms.other > 0', false],
    ['tool_ms.other != 0', true],
  ])('goes inside: %s is %s', (source, expected) => expect(holds(source)).toBe(expected))

  it.each([
    ['tools', true],
    ['hung_tools', false],
    ['not error_type', true],
  ])('asks whether there is something: %s is %s', (source, expected) => expect(holds(source)).toBe(expected))

  it.each([
    ['outcome = complete or outcome = failed and synthetic', false],
    ['(outcome = complete or outcome = failed) and not synthetic', true],
    ['NOT (tools AND hung_tools)', true],
    ['not not tools', true],
  ])('joins: %s is %s', (source, expected) => expect(holds(source)).toBe(expected))

  it('does not compare a text with a number', () => {
    expect(holds('duration_ms > fast')).toBe(false)
    expect(holds('outcome > 5')).toBe(true)
  })

  it.each([
    ['outcom = failed', 'there is no field "outcom" (there are outcome, duration_ms,', 1],
    ['outcome =', 'expected a value', 10],
    ['outcome = failed tools', 'expected "and" or "or", not "tools"', 18],
    ['(outcome', 'expected ")"', 9],
    ['= 3', 'expected a field', 1],
    ['', 'expected a field', 1],
    ['outcome = %', 'cannot read "%"', 11],
    ['text ~ /(/', '/(/ is no regular expression', 8],
  ])('refuses %j, and says where', (source, problem, character) => {
    const failure = (() => {
      try {
        return holds(source)
      } catch (error) {
        return error
      }
    })()
    expect(failure).toBeInstanceOf(CommandFailure)
    expect(failure).toMatchObject({ exitCode: 2 })
    expect((failure as Error).message).toContain(problem)
    expect((failure as Error).message).toContain(`at character ${character} of "${source}"`)
  })
})
