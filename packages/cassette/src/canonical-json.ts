/** A number whose text is kept, since reading it as a JavaScript number would lose what Python prints. */
class NumberText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/**
 * Parses JSON so that `canonicalJson` writes each number as Python would: `1.0` is not `1`, and an integer of 20 digits
 * keeps them. The value is for that only: some of its numbers are objects.
 */
export function parseExactly(json: string): unknown {
  return JSON.parse(json, reviveNumber as (this: unknown, key: string, value: unknown) => unknown)
}

/** Whether it is a number of `parseExactly` that is an object. */
export function isExactNumber(value: unknown): boolean {
  return value instanceof NumberText
}

/** ES2025's third argument, which TypeScript's library does not know yet: the source of a primitive value. */
function reviveNumber(_key: string, value: unknown, context: { readonly source?: string }): unknown {
  if (typeof value !== 'number') return value
  const text = pythonNumber(context.source ?? String(value))
  return Number.isFinite(value) && text === String(value) ? value : new NumberText(text)
}

/** How Python's `json` prints the number that it reads from `source`. */
function pythonNumber(source: string): string {
  if (/^-?\d+$/.test(source)) return BigInt(source).toString()
  const value = Number(source)
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity'
  if (Object.is(value, -0)) return '-0.0'
  return pythonFloat(value)
}

/** `repr` of a float: the same shortest digits as in JavaScript, with other limits for the exponent. */
function pythonFloat(value: number): string {
  const [, sign = '', digit = '', rest = '', power = ''] =
    /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(value.toExponential()) ?? []
  const exponent = Number(power)
  const digits = digit + rest
  if (exponent < -4 || exponent >= 16) {
    const mark = exponent < 0 ? '-' : '+'
    return `${sign}${digit}${rest && `.${rest}`}e${mark}${String(Math.abs(exponent)).padStart(2, '0')}`
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`
}

/**
 * One text for each value, whatever the order of its keys and its spaces: Python's
 * `json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)`, byte for byte, for a value of
 * `parseExactly`. Keys are ordered by code point.
 */
export function canonicalJson(value: unknown): string {
  return write(value, { comma: ',', colon: ':', isSorted: true })
}

/** The same with a space behind each comma and colon: for people. */
export function readableJson(value: unknown): string {
  return write(value, { comma: ', ', colon: ': ', isSorted: true })
}

/** Python's `json.dumps(value, ensure_ascii=False)`, for a value of `parseExactly`: its keys in their order. */
export function pythonJson(value: unknown): string {
  return write(value, { comma: ', ', colon: ': ', isSorted: false })
}

interface Style {
  readonly comma: string
  readonly colon: string
  readonly isSorted: boolean
}

function write(value: unknown, style: Style): string {
  if (value instanceof NumberText) return value.text
  const { comma, colon, isSorted } = style
  if (Array.isArray(value)) return `[${value.map((item) => write(item, style)).join(comma)}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  if (isSorted) members.sort(([a], [b]) => compareCodePoints(a, b))
  return `{${members.map(([key, member]) => JSON.stringify(key) + colon + write(member, style)).join(comma)}}`
}

/** UTF-16 orders U+E000 to U+FFFF behind the surrogates of what lies beyond them; code points don't. */
function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i)
    const right = b.charCodeAt(i)
    if (left !== right) return rank(left) - rank(right)
  }
  return a.length - b.length
}

function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}
