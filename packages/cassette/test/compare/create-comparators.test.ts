import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { compareAnswers, createComparators } from '../../src/compare/create-comparators.ts'
import { answer, pair } from './answer.ts'

const online = {
  ask: async () => ({ text: '{"equivalent": true}', isCached: false }),
  embed: async () => [[1], [1]],
}

async function compare(
  spec: string,
  baseline: Parameters<typeof pair>[0],
  target: Parameters<typeof pair>[1],
) {
  const [found] = await compareAnswers(createComparators(spec, online), pair(baseline, target))
  return found
}

describe('createComparators', () => {
  const namesOf = (spec: string) => createComparators(spec, online).map(({ name }) => name)

  it('reads a spec with fields', () => {
    expect(namesOf('exact, json:category,meta.source ,FUZZY,json,exact')).toEqual([
      'exact',
      'json:category,meta.source',
      'fuzzy',
      'json',
    ])
    expect(namesOf(' All ')).toEqual(['exact', 'fuzzy', 'json', 'toolcalls', 'embedding', 'judge'])
  })

  it.each([
    ['', /No comparator in ""/],
    ['exakt', /no comparator "exakt": give some of exact, fuzzy/],
    ['fuzzy:a', /fuzzy takes no fields/],
    ['json:', /at least one field/],
    ['json:,exact', /at least one field/],
  ])('refuses %j', (spec, message) => {
    expect(() => createComparators(spec, online)).toThrow(message)
  })

  it.each([
    [{ fuzzyThreshold: 80 }, /fuzzyThreshold is 80: give a number from 0 to 1/],
    [{ embeddingThreshold: Number.NaN }, /embeddingThreshold is NaN/],
    [{ judgeSamples: 0 }, /judgeSamples is 0: give a whole number from 1 on/],
  ])('refuses %j', (options, message) => {
    expect(() => createComparators('exact', options)).toThrow(message)
  })

  it('needs who is asked for what is asked', () => {
    expect(() => createComparators('embedding')).toThrow(/needs the option embed/)
    expect(() => createComparators('judge')).toThrow(/needs the option ask/)
  })
})

describe('compareAnswers', () => {
  it('makes a comparator that throws a failed one, and keeps the others', async () => {
    const embed = async () => {
      throw new Error('no key')
    }
    const found = await compareAnswers(createComparators('exact,embedding', { embed }), pair('a', 'a'))
    expect(found).toEqual([
      { comparator: 'exact', score: 1, passed: true, detail: 'normalized texts match', isError: false },
      { comparator: 'embedding', score: 0, passed: null, detail: 'no key', isError: true },
    ])
  })
})

describe('exact', () => {
  it('looks at neither case, spaces nor fence', async () => {
    expect(await compare('exact', 'Positive', '```\n positive \n```')).toMatchObject({
      score: 1,
      passed: true,
    })
    expect(await compare('exact', 'positive', 'negative')).toMatchObject({ score: 0, passed: false })
  })

  it('looks at tool calls, and at why a model declined', async () => {
    const add = { id: 'a', name: 'add', arguments: { b: 1, a: 2 } }
    const same = { id: 'b', name: 'add', arguments: { a: 2, b: 1 } }
    expect(await compare('exact', answer('', [add]), answer('', [same]))).toMatchObject({ passed: true })
    expect(await compare('exact', answer('', [add]), answer(''))).toMatchObject({ passed: false })
    expect(await compare('exact', { ...answer(''), refusal: 'No.' }, answer(''))).toMatchObject({
      passed: false,
    })
  })
})

describe('fuzzy', () => {
  it('is right on long texts, where difflib by default passes over frequent letters', async () => {
    const { cases } = JSON.parse(
      readFileSync(new URL('../../../../spec/vectors/cassette/fuzzy.json', import.meta.url), 'utf8'),
    ) as { cases: { a: string; b: string; ratio: number; withAutojunk?: number }[] }
    const long = cases.find(({ withAutojunk = 1 }) => withAutojunk < 0.5)
    expect(await compare('fuzzy', long?.a ?? '', long?.b ?? '')).toMatchObject({ score: long?.ratio })
    expect((long?.ratio ?? 0) - (long?.withAutojunk ?? 0)).toBeGreaterThan(0.3)
  })

  it('passes from its threshold on', async () => {
    const [strict] = createComparators('fuzzy', { fuzzyThreshold: 0.9 })
    const [loose] = createComparators('fuzzy')
    expect(await strict?.compare(pair('abcdefghij', 'abcdefghXX'))).toMatchObject({
      score: 0.8,
      passed: false,
    })
    expect(await loose?.compare(pair('abcdefghij', 'abcdefghXX'))).toMatchObject({
      passed: true,
      detail: 'sequence similarity 0.80 (threshold 0.8)',
    })
  })
})

describe('json', () => {
  it('scores the share of leaves that are the same', async () => {
    const found = await compare(
      'json',
      '{"a": "X ", "b": [1, 2], "c": {}}',
      '```json\n{"a": "x", "b": [1, 3], "c": {}}\n```',
    )
    expect(found).toMatchObject({ score: 0.75, passed: false, detail: 'b[1]: 2→3' })
  })

  it.each([
    ['{"a": 1}', '{"a": 1.0}', true],
    ['{"a": true}', '{"a": 1}', false],
    ['{"a": null}', '{}', false],
    ['{"a": {}}', '{"a": "{}"}', false],
    ['{"a": {}}', '{"a": []}', false],
    ['[]', '[]', true],
    ['{}', '{}', true],
    ['"x"', '"X"', true],
    ['{"id": 12345678901234567890}', '{"id": 12345678901234567891}', false],
    ['{"__proto__": {"a": 1}}', '{"__proto__": {"a": 2}}', false],
  ])('compares %s with %s', async (baseline, target, passed) => {
    expect(await compare('json', baseline, target)).toMatchObject({ passed, isError: false })
  })

  it('says at most six differences', async () => {
    const object = (value: number) =>
      JSON.stringify(Object.fromEntries('abcdefghi'.split('').map((key) => [key, value])))
    const found = await compare('json', object(1), object(2))
    expect(found?.detail).toBe('a: 1→2; b: 1→2; c: 1→2; d: 1→2; e: 1→2; f: 1→2; … (+3 more)')
  })

  it('names what is missing and what is extra', async () => {
    const found = await compare('json', '{"a": 1, "b": 2}', '{"a": 1, "c": 3}')
    expect(found).toMatchObject({ detail: 'missing in target: b; extra in target: c', score: 1 / 3 })
  })

  it('cannot judge by a baseline that is no JSON, and fails a target that is none', async () => {
    expect(await compare('json', 'hello', '{}')).toMatchObject({ passed: null, isError: true })
    expect(await compare('json', '{}', 'hello')).toMatchObject({ passed: false, isError: false, score: 0 })
  })

  it('counts only its fields, and tells of the others', async () => {
    const baseline = '{"category": "bug", "meta": {"source": "mail"}, "text": "one"}'
    const target = '{"category": "bug", "meta": {"source": "chat"}, "text": "two"}'
    expect(await compare('json:category', baseline, target)).toMatchObject({
      score: 1,
      passed: true,
      detail:
        'all 1 scoped fields match · out of scope (informational): meta.source: mail→chat; text: one→two',
    })
    expect(await compare('json:category,meta', baseline, target)).toMatchObject({ score: 0.5, passed: false })
    expect(await compare('json:category,metadata', baseline, target)).toMatchObject({
      passed: true,
      detail: expect.stringContaining('in neither answer: metadata'),
    })
    expect(await compare('json:categories', baseline, target)).toMatchObject({ passed: null, isError: true })
  })

  it('is not upset by objects without end', async () => {
    const deep = '[['.repeat(50_000)
    expect(await compare('json', deep, deep)).toMatchObject({ isError: true })
    const nested = '['.repeat(50_000) + ']'.repeat(50_000)
    expect(await compare('json', nested, nested)).toMatchObject({ comparator: 'json' })
  })
})

describe('toolcalls', () => {
  const call = (name: string, args: unknown, id: string | null = null) => ({ id, name, arguments: args })

  it('pairs by position and scores by the leaves of the arguments', async () => {
    const baseline = answer('', [call('add', { a: 1, b: 2 }, 'x'), call('mul', { a: 1 })])
    const same = answer('different words', [call('add', { b: 2, a: 1 }, 'y'), call('mul', { a: 1 })])
    const half = answer('', [call('add', { a: 1, b: 3 }), call('mul', { a: 1 })])
    const swapped = answer('', [call('mul', { a: 1 }), call('add', { a: 1, b: 2 })])
    expect(await compare('toolcalls', baseline, same)).toMatchObject({
      score: 1,
      passed: true,
      detail: 'tool calls match (add, mul)',
    })
    expect(await compare('toolcalls', baseline, half)).toMatchObject({
      score: 0.75,
      detail: 'call[0] add.b: 2→3',
    })
    expect(await compare('toolcalls', baseline, swapped)).toMatchObject({
      score: 0,
      passed: false,
      detail: 'call[0]: add→mul; call[1]: mul→add',
    })
  })

  it('fails for calls that are missing or too many', async () => {
    const one = answer('', [call('add', {})])
    const none = answer('3')
    expect(await compare('toolcalls', one, none)).toMatchObject({
      score: 0,
      detail: 'call[0] missing in target: add',
    })
    expect(await compare('toolcalls', none, one)).toMatchObject({
      score: 0,
      detail: 'call[0] extra in target: add',
    })
    expect(await compare('toolcalls', none, none)).toMatchObject({ score: 1, passed: true })
    expect(await compare('toolcalls', one, one)).toMatchObject({ score: 1, passed: true })
  })

  it('compares arguments that are no JSON as text', async () => {
    const broken = answer('', [call('add', '{"a": 1')])
    expect(await compare('toolcalls', broken, answer('', [call('add', { a: 1 })]))).toMatchObject({
      passed: false,
    })
    expect(await compare('toolcalls', broken, broken)).toMatchObject({ passed: true })
  })
})

describe('embedding', () => {
  it('passes by the cosine of two vectors, of texts that are cut', async () => {
    const asked: string[] = []
    const embed = async (texts: readonly string[]) => {
      asked.push(...texts)
      return [
        [1, 0],
        [0.6, 0.8],
      ]
    }
    const [comparator] = createComparators('embedding', { embed })
    const found = await comparator?.compare(pair('x'.repeat(7000), 'y'))
    expect(found).toMatchObject({ score: 0.6, passed: false })
    expect(asked.map(({ length }) => length)).toEqual([6000 + ' …[truncated]'.length, 1])
  })

  it.each([[[[1, 0]]], [[[1, 0], [1]]]])('refuses %j', async (vectors) => {
    const found = await compareAnswers(
      createComparators('embedding', { embed: async () => vectors }),
      pair('a', 'b'),
    )
    expect(found).toMatchObject([{ isError: true, detail: expect.stringMatching(/no two vectors/) }])
  })

  it('gives nothing for a vector of zeros', async () => {
    const [comparator] = createComparators('embedding', {
      embed: async () => [
        [0, 0],
        [1, 1],
      ],
    })
    expect(await comparator?.compare(pair('a', 'b'))).toMatchObject({ score: 0 })
  })
})
