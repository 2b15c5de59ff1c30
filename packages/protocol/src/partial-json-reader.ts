import { createOpenContainer, NOTHING, type OpenContainer } from './open-container.ts'

export interface PartialJsonOptions {
  /** How deep objects and lists may stand in each other. Default 256. */
  readonly maxDepth?: number
}

/** Reads one JSON text (RFC 8259) in fragments, each character once, and shows what it says so far. */
export interface PartialJson {
  /** Reads on. Never throws: see `problem`. */
  push(fragment: string): void
  /**
   * The value so far, `undefined` while there is none: strings as far as they have come, but no half of a character,
   * number, literal or key. Immutable, and the same object until something is added; what has been closed stays the
   * same object. It depends on the text alone. An object or list of 256 members and more shows them, as long as it is
   * open, in steps of less than a hundredth of their number: all in all, reading it often costs linear time too.
   */
  value(): unknown
  /** Whether the text so far is a whole JSON text. */
  readonly isComplete: boolean
  /** Why the text is no JSON, and where. Nothing is read after it, and the value stays as it is. */
  readonly problem: string | undefined
}

/** What comes next, or what the next character belongs to. */
type Place =
  | 'value'
  | 'first item'
  | 'key'
  | 'first key'
  | 'colon'
  | 'separator'
  | 'string'
  | 'escape'
  | 'word'

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

const LITERALS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
])

export function createPartialJson({ maxDepth = 256 }: PartialJsonOptions = {}): PartialJson {
  const open: OpenContainer[] = []
  let place: Place = 'value'
  let readChars = 0
  let problem: string | undefined
  /** The whole value, once it has been read. */
  let whole: unknown = NOTHING
  let text = ''
  let isKey = false
  /** The first half of a character, at the end of the string so far. */
  let half = ''
  /** What there is of an escape, a number or a literal. */
  let word = ''
  let shown: unknown = NOTHING
  let isStale = false

  function fail(wanted: string, char: string): void {
    problem = `${JSON.stringify(char)} at character ${readChars + 1}, where ${wanted} was expected`
  }

  function add(value: unknown): void {
    const parent = open.at(-1)
    if (parent) parent.add(value)
    else whole = value
    place = 'separator'
    isStale = true
  }

  function begin(char: string): void {
    const isContainer = char === '{' || char === '['
    if (char === '"') beginString(false)
    else if (isContainer && open.length >= maxDepth) fail(`no value more than ${maxDepth} deep`, char)
    else if (isContainer) {
      open.push(createOpenContainer(char))
      place = char === '{' ? 'first key' : 'first item'
      isStale = true
    } else if (/[-\dtfn]/.test(char)) {
      word = char
      place = 'word'
    } else fail('a value', char)
  }

  function close(char: string): void {
    const container = open.at(-1)
    if (container?.end === char) {
      open.pop()
      add(container.close())
    } else fail(container ? `"," or "${container.end}"` : 'the end', char)
  }

  function beginString(isOfKey: boolean): void {
    text = ''
    isKey = isOfKey
    place = 'string'
    isStale ||= !isKey
  }

  function addText(piece: string): void {
    const isHalf = (piece.charCodeAt(piece.length - 1) & 0xfc00) === 0xd800
    text += half + (isHalf ? piece.slice(0, -1) : piece)
    half = isHalf ? piece.slice(-1) : ''
    isStale ||= !isKey
  }

  function endString(): void {
    text += half
    half = ''
    const parent = open.at(-1)
    if (isKey && parent) {
      parent.key = text
      place = 'colon'
    } else add(text)
  }

  /** Takes the string's characters from `start` on; returns where it ends, breaks, or is escaped. */
  function readString(fragment: string, start: number): number {
    let end = start
    let code = 0
    for (; end < fragment.length; end++) {
      code = fragment.charCodeAt(end)
      if (code === 34 || code === 92 || code < 32) break
    }
    if (end > start) addText(fragment.slice(start, end))
    return end
  }

  function readEscape(char: string): void {
    word += char
    if (/^u[\da-f]{0,3}$/i.test(word)) return
    const isUnicode = /^u[\da-f]{4}$/i.test(word)
    const meant = isUnicode ? String.fromCharCode(Number.parseInt(word.slice(1), 16)) : ESCAPES[word]
    if (meant === undefined) fail('an escape of JSON', char)
    else addText(meant)
    place = 'string'
  }

  /** A character outside strings and words. */
  function readSign(char: string): void {
    if (/[ \t\n\r]/.test(char)) return
    const parent = open.at(-1)
    if (place === 'separator') {
      if (char !== ',' || !parent) close(char)
      else place = parent.end === '}' ? 'key' : 'value'
    } else if (place === 'colon') {
      if (char === ':') place = 'value'
      else fail('":"', char)
    } else if (place === 'key' || place === 'first key') {
      if (char === '"') beginString(true)
      else if (place === 'first key' && char === '}') close(char)
      else fail('a key', char)
    } else if (place === 'first item' && char === ']') close(char)
    else begin(char)
  }

  function read(char: string): void {
    if (place === 'string') {
      if (char === '"') endString()
      else if (char !== '\\') fail('an escape or a character of the string', char)
      else {
        place = 'escape'
        word = ''
      }
    } else if (place === 'escape') readEscape(char)
    else if (place !== 'word') readSign(char)
    else if (/[-+.\da-z]/i.test(char)) word += char
    else {
      const value = wordValue(word)
      if (value === NOTHING) fail(`something else than ${JSON.stringify(word.slice(0, 20))}`, char)
      else {
        add(value)
        readSign(char)
      }
    }
  }

  /** A word that stands alone ends with the text, and so may have ended. */
  const lonelyWord = () => (place === 'word' && open.length === 0 ? wordValue(word) : NOTHING)

  return {
    push(fragment) {
      for (let i = 0; i < fragment.length && problem === undefined; ) {
        const end = place === 'string' ? readString(fragment, i) : i
        readChars += end - i
        if (end < fragment.length) read(fragment[end] as string)
        if (problem === undefined && end < fragment.length) readChars++
        i = end + 1
      }
    },
    value() {
      if (isStale) {
        isStale = false
        shown = isKey || (place !== 'string' && place !== 'escape') ? NOTHING : text
        for (const container of open.toReversed()) shown = container.view(shown)
        if (whole !== NOTHING) shown = whole
      }
      const value = shown === NOTHING ? lonelyWord() : shown
      return value === NOTHING ? undefined : value
    },
    get isComplete() {
      return problem === undefined && (whole !== NOTHING || lonelyWord() !== NOTHING)
    },
    get problem() {
      return problem
    },
  }
}

/** The value of a literal or a number, `NOTHING` if it is neither. */
function wordValue(word: string): unknown {
  if (LITERALS.has(word)) return LITERALS.get(word)
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[-+]?\d+)?$/i.test(word) ? Number(word) : NOTHING
}
