import { type WhereToken, whereFailure, whereTokens } from './where-tokens.ts'

/** An object whose keys the expression names; a dot goes inside: `tool_ms.search`. */
type WhereRow = Readonly<Record<string, unknown>>
export type Condition = (row: WhereRow) => boolean

type Comparison = (given: unknown) => boolean

const UNITS: Readonly<Record<string, number>> = { '': 1, ms: 1, s: 1000, min: 60_000, h: 3_600_000 }

/**
 * Reads a condition: comparisons (`=` `!=` `<` `<=` `>` `>=`, `~` contains or matches `/…/`, `!~`), or a field alone
 * (it is there, and not 0, false or empty), joined by `not`, `and`, `or` and parentheses. A list is compared by any of
 * its items. Numbers may carry `ms`, `s`, `min` or `h`, and then are milliseconds.
 */
export function parseWhere(source: string, fields: readonly string[]): Condition {
  const tokens = whereTokens(source)
  let place = 0
  const peek = () => tokens[place] as WhereToken
  const next = () => tokens[place++] as WhereToken
  const fail = ({ at }: WhereToken, problem: string) => whereFailure(source, at, problem)

  function accept(text: string): boolean {
    const token = peek()
    const isIt = token.type !== 'text' && token.text.toLowerCase() === text
    if (isIt) place++
    return isIt
  }

  function either(): Condition {
    const choices = [both()]
    while (accept('or')) choices.push(both())
    return (row) => choices.some((holds) => holds(row))
  }

  function both(): Condition {
    const parts = [one()]
    while (accept('and')) parts.push(one())
    return (row) => parts.every((holds) => holds(row))
  }

  function one(): Condition {
    if (accept('not')) {
      const holds = one()
      return (row) => !holds(row)
    }
    if (accept('(')) {
      const inside = either()
      if (!accept(')')) throw fail(peek(), 'expected ")"')
      return inside
    }
    return comparison()
  }

  function comparison(): Condition {
    const token = next()
    if (token.type !== 'word') throw fail(token, 'expected a field')
    const path = pathOf(token)
    if (peek().type !== 'sign' || /[()]/.test(peek().text)) return (row) => isThere(valueAt(row, path))
    const sign = next().text
    const value = operand()
    const compare =
      value.type === 'pattern'
        ? matching(value)
        : comparisonBy(sign.replace('!~', '~').replace('!=', '='), value)
    const isNegated = sign.startsWith('!')
    return (row) => anyOf(valueAt(row, path), compare) !== isNegated
  }

  function pathOf(token: WhereToken): string[] {
    const [field = '', ...inside] = token.text.split('.')
    if (!fields.includes(field))
      throw fail(token, `there is no field "${field}" (there are ${fields.join(', ')})`)
    // The name inside may have dots of its own, as a tool's may.
    return inside.length > 0 ? [field, inside.join('.')] : [field]
  }

  function matching(token: WhereToken): Comparison {
    const [, pattern = '', flags = ''] = /^\/(.*)\/(i?)$/s.exec(token.text) ?? []
    try {
      const expression = new RegExp(pattern, flags)
      return (given) => typeof given === 'string' && expression.test(given)
    } catch {
      throw fail(token, `${token.text} is no regular expression`)
    }
  }

  function operand(): WhereToken {
    const token = next()
    if (token.type === 'sign' || token.type === 'end') throw fail(token, 'expected a value')
    return token
  }

  const condition = either()
  if (peek().type !== 'end') throw fail(peek(), `expected "and" or "or", not "${peek().text}"`)
  return condition
}

function comparisonBy(sign: string, { type, text }: WhereToken): Comparison {
  const wanted = type === 'text' ? text.slice(1, -1) : text
  if (sign === '~') {
    const part = wanted.toLowerCase()
    return (given) => typeof given === 'string' && given.toLowerCase().includes(part)
  }
  const [, digits = '', unit = ''] = /^(-?[\d.]+)(\w*)$/.exec(type === 'number' ? text : '') ?? []
  const amount = Number(digits) * (UNITS[unit] as number)
  return (given) => {
    if (typeof given === 'number') return type === 'number' && holds(sign, given - amount)
    if (typeof given === 'boolean' || given === null) return sign === '=' && String(given) === wanted
    return typeof given === 'string' && holds(sign, given < wanted ? -1 : given > wanted ? 1 : 0)
  }
}

/** `difference`: of what is given from what is wanted. */
function holds(sign: string, difference: number): boolean {
  switch (sign) {
    case '<':
      return difference < 0
    case '<=':
      return difference <= 0
    case '>':
      return difference > 0
    case '>=':
      return difference >= 0
    default:
      return difference === 0
  }
}

function valueAt(row: WhereRow, [field = '', inside]: readonly string[]): unknown {
  const value = row[field]
  if (inside === undefined) return value
  return typeof value === 'object' && value !== null && Object.hasOwn(value, inside)
    ? (value as WhereRow)[inside]
    : undefined
}

const anyOf = (value: unknown, compare: Comparison): boolean =>
  Array.isArray(value) ? value.some(compare) : compare(value)

const isThere = (value: unknown): boolean => (Array.isArray(value) ? value.length > 0 : Boolean(value))
