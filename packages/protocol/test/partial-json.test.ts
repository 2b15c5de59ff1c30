import { parsePartialJson } from 'ai'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { createFold, type Tool } from '../src/index.ts'
import { createPartialJson, createToolInputs } from '../src/partial-json.ts'

/** JSON texts as models and tools write them, spaces and escapes included. */
const anyJsonText = fc
  .tuple(
    fc.oneof(
      fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' }),
      fc.jsonValue({ maxDepth: 3, stringUnit: 'grapheme' }),
      fc.constantFrom('\ud83e\udd85 "quoted" \\ \n\u0000', -0, 1e-7, 1e21, {}, [], { __proto__x: 1 }),
    ),
    fc.constantFrom(undefined, 1, '\t', ' \r\n'),
    fc.boolean(),
  )
  .map(([value, space, isAscii]) => {
    const text = JSON.stringify(value, null, space)
    return isAscii
      ? text.replace(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
      : text
  })

const anyShortText = anyJsonText.filter((text) => text.length < 300)

const cutAt = (text: string, cuts: readonly number[]) => {
  const at = [0, ...cuts.map((cut) => cut % (text.length + 1)), text.length].sort((a, b) => a - b)
  return at.slice(1).map((end, index) => text.slice(at[index], end))
}

function read(...fragments: readonly string[]) {
  const json = createPartialJson()
  for (const fragment of fragments) json.push(fragment)
  return json
}

/** Whether the one is a beginning of the other: the same, but for what is missing at its end. */
function isBeginning(part: unknown, whole: unknown): boolean {
  if (typeof part === 'string') return typeof whole === 'string' && whole.startsWith(part)
  if (typeof part !== 'object' || part === null) return Object.is(part, whole)
  if (typeof whole !== 'object' || whole === null || Array.isArray(part) !== Array.isArray(whole))
    return false
  const entries = Object.entries(part)
  return entries.every(
    ([key, value], index) =>
      Object.hasOwn(whole, key) &&
      (index === entries.length - 1
        ? isBeginning(value, whole[key as keyof typeof whole])
        : JSON.stringify(value) === JSON.stringify(whole[key as keyof typeof whole])),
  )
}

describe('createPartialJson', () => {
  it('reads a whole text as JSON.parse does, wherever it is cut', () => {
    fc.assert(
      fc.property(anyJsonText, fc.array(fc.nat(), { maxLength: 5 }), (text, cuts) => {
        const json = read(...cutAt(text, cuts))
        expect(json.problem).toBeUndefined()
        expect(json.isComplete).toBe(true)
        expect(JSON.stringify(json.value())).toBe(JSON.stringify(JSON.parse(text)))
        expect(json.value()).toEqual(JSON.parse(text))
      }),
      { numRuns: 2000 },
    )
  })

  it('shows of every prefix a beginning of the whole, the same however it was cut and read', () => {
    fc.assert(
      fc.property(anyShortText, (text) => {
        const whole: unknown = JSON.parse(text)
        const stepped = createPartialJson()
        const handedOut: [unknown, string][] = []
        for (let end = 1; end <= text.length; end++) {
          stepped.push(text[end - 1] as string)
          const value = stepped.value()
          const once = read(text.slice(0, end))
          const isSame =
            JSON.stringify([once.value(), once.isComplete]) === JSON.stringify([value, stepped.isComplete])
          const isFitting = value === undefined || typeof whole === 'number' || isBeginning(value, whole)
          if (!isSame || !isFitting) expect({ value, whole }, text.slice(0, end)).toBe(once.value())
          handedOut.push([value, JSON.stringify(value)])
        }
        expect(handedOut.filter(([value, json]) => JSON.stringify(value) !== json)).toEqual([])
      }),
      { numRuns: 200 },
    )
  })

  it('takes for whole, and for JSON, what JSON.parse does', () => {
    const anyText = fc.oneof(
      fc.string({ maxLength: 12 }),
      fc
        .array(
          fc.constantFrom(
            '{',
            '}',
            '[',
            ']',
            ',',
            ':',
            '"a"',
            '1',
            '-',
            '.',
            'e',
            'true',
            'nul',
            ' ',
            '\\',
            '"',
          ),
          { maxLength: 8 },
        )
        .map((parts) => parts.join('')),
      fc
        .tuple(anyJsonText, fc.nat(), fc.constantFrom('', ',', '}', 'x', '"', '0'))
        .map(([text, at, extra]) => {
          const place = at % (text.length + 1)
          return text.slice(0, place) + extra + text.slice(place)
        }),
    )
    fc.assert(
      fc.property(anyText, (text) => {
        let whole: unknown
        try {
          whole = JSON.parse(text)
        } catch {
          // Stays undefined, which no JSON is.
        }
        const json = read(...text)
        expect(json.isComplete).toBe(whole !== undefined)
        if (whole !== undefined) expect(json.value()).toEqual(whole)
        expect(JSON.stringify(json.value())).toBe(JSON.stringify(read(text).value()))
      }),
      { numRuns: 2000 },
    )
  })

  it('shows all that parsePartialJson of the AI SDK shows, but for words that have not ended', async () => {
    const isWord = (value: unknown) =>
      typeof value !== 'string' && (typeof value !== 'object' || value === null)
    const isAtLeast = (ours: unknown, theirs: unknown): boolean => {
      if (isWord(theirs)) return true
      if (typeof theirs === 'string') return typeof ours === 'string' && ours.length + 1 >= theirs.length
      return Object.entries(theirs as object).every(([key, value]) =>
        isAtLeast((ours as Record<string, unknown> | undefined)?.[key], value),
      )
    }
    await fc.assert(
      fc.asyncProperty(anyShortText, async (text) => {
        const json = createPartialJson()
        for (let end = 1; end <= text.length; end++) {
          json.push(text[end - 1] as string)
          const theirs = await parsePartialJson(text.slice(0, end))
          if (theirs.value !== undefined)
            expect(isAtLeast(json.value(), theirs.value), text.slice(0, end)).toBe(true)
        }
      }),
      { numRuns: 100 },
    )
  })

  it.each([
    ['{"city": "Par', { city: 'Par' }],
    ['{"city": "', { city: '' }],
    ['{"city":', {}],
    ['{"ci', {}],
    ['{"a": 12', {}],
    ['{"a": 12,', { a: 12 }],
    ['[tru', []],
    ['["a\\', ['a']],
    ['["a\\u00', ['a']],
    ['["a\\u00e9', ['aé']],
    ['["\\ud83e', ['']],
    ['["\\ud83e\\udd85', ['🦅']],
    ['["\\ud83ex', ['\ud83ex']],
    ['[1, [2, {"a": [', [1, [2, { a: [] }]]],
    ['12', 12],
    ['-', undefined],
    ['', undefined],
    ['{"__proto__": {"a": 1', JSON.parse('{"__proto__": {}}')],
    ['{"a": 1, "a": "x', { a: 'x' }],
  ])('of %s shows %o', (text, value) => {
    expect(read(text).value()).toEqual(value)
    expect(read(text).problem).toBeUndefined()
  })

  it.each([
    ['{"a": 1} x', '"x" at character 10, where the end was expected', { a: 1 }],
    ['Sorry', '"S" at character 1, where a value was expected', undefined],
    ['[1 2', '"2" at character 4, where "," or "]" was expected', [1]],
    ['{"a" 1', '"1" at character 6, where ":" was expected', {}],
    ['{1', '"1" at character 2, where a key was expected', {}],
    ['["a\nb', '"\\n" at character 4, where an escape or a character of the string was expected', ['a']],
    ['["\\x', '"x" at character 4, where an escape of JSON was expected', ['']],
    ['[01]', '"]" at character 4, where something else than "01" was expected', []],
    ['[1}', '"}" at character 3, where "," or "]" was expected', [1]],
  ])('says of %s that there is %s, and keeps what came before', (text, problem, value) => {
    const json = read(text)
    expect(json.problem).toBe(problem)
    json.push('[1, 2]')
    expect({ value: json.value(), isComplete: json.isComplete }).toEqual({ value, isComplete: false })
  })

  it('keeps its value, and every part of it that was not added to, the same object', () => {
    const json = read('{"list": [{"a": 1}, {"b": ')
    const before = json.value() as { list: object[] }
    json.push('  ')
    expect(json.value()).toBe(before)
    json.push('2}')
    const after = json.value() as { list: object[] }
    expect(after).not.toBe(before)
    expect(after.list[0]).toBe(before.list[0])
    expect(after.list[1]).toEqual({ b: 2 })
  })

  it('goes no deeper than its limit, and overflows no stack', () => {
    const json = createPartialJson({ maxDepth: 3 })
    json.push('[[[[')
    expect(json.problem).toBe('"[" at character 4, where no value more than 3 deep was expected')
    expect(json.value()).toEqual([[[]]])
    expect(read('['.repeat(1_000_000)).problem).toContain('256 deep')
    expect(read('{"a":'.repeat(100_000)).problem).toContain('256 deep')
  })

  it.each([
    ['list', (size: number) => `[${'1,'.repeat(size)}1]`],
    ['object', (size: number) => `{${Array.from({ length: size }, (_, key) => `"k${key}":1`).join(',')}}`],
  ])('copies members so rarely that reading a wide %s at every character costs linear time', (_, textOf) => {
    const copiesOf = (size: number) => {
      const json = createPartialJson()
      let copies = 0
      let last: unknown
      for (const char of textOf(size)) {
        json.push(char)
        const value = json.value()
        if (value !== last) copies += Object.keys(value as object).length
        last = value
      }
      expect(json.isComplete).toBe(true)
      return copies
    }
    // Quadratic would be 16.
    expect(copiesOf(2400) / copiesOf(600)).toBeLessThan(6)
  })
})

describe('createToolInputs', () => {
  const delta = (text: string, toolUseId = 't1') =>
    ({ type: 'tool_input_delta', toolUseId, delta: text }) as const
  const call = (input?: unknown) =>
    ({
      type: 'tool_use',
      toolName: 'send',
      toolUseId: 't1',
      inputSummary: '',
      status: 'running',
      ...(input !== undefined && { input }),
    }) as const
  const result = {
    type: 'tool_result',
    toolName: 'send',
    toolUseId: 't1',
    outputSummary: '',
    durationMs: 0,
    status: 'done',
  } as const

  it('gives the arguments as they come, and the same object until they change', () => {
    const run = createFold()
    const inputOf = createToolInputs()
    const tool = () => run.snapshot().tools.at(-1) as Tool
    run.apply(call())
    expect(inputOf(tool())).toEqual({ value: undefined, isComplete: false })
    run.apply(delta('{"to": "Ada", "body": "Dea'))
    expect(inputOf(tool())).toEqual({ value: { to: 'Ada', body: 'Dea' }, isComplete: false })
    run.apply(delta('r"}'))
    const input = inputOf(tool())
    expect(input).toEqual({ value: { to: 'Ada', body: 'Dear' }, isComplete: true })
    run.apply(result)
    expect(inputOf(tool())).toBe(input)
  })

  it('takes the parsed input where there is one', () => {
    const run = createFold()
    const inputOf = createToolInputs()
    run.apply(delta('{"a":'))
    run.apply(call({ a: 1 }))
    expect(inputOf(run.snapshot().tools[0] as Tool)).toEqual({ value: { a: 1 }, isComplete: true })
  })

  it('tells tools under one id apart: those of branches, and a second call in a later turn', () => {
    const run = createFold()
    const inputOf = createToolInputs()
    const values = () => run.snapshot().tools.map((tool) => inputOf(tool).value)
    run.apply({ ...delta('{"a":1'), branchId: 'x' })
    run.apply(delta('{"b":"lo'))
    expect(values()).toEqual([{}, { b: 'lo' }])
    run.apply(delta('ng"}'))
    run.apply(call())
    run.apply(result)
    expect(values()).toEqual([{}, { b: 'long' }])
    run.apply({ type: 'turn', turnNumber: 2, totalTools: 1 })
    run.apply(call())
    for (const part of ['{"b":"lo', 'nger"}']) {
      run.apply(delta(part))
      values()
    }
    expect(values()).toEqual([{}, { b: 'long' }, { b: 'longer' }])
  })
})
