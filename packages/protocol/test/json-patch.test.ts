import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { applyPatch } from '../src/json-patch.ts'
import { anyJson } from './arbitrary.ts'
import { vectorFiles } from './spec.ts'

interface PatchCase {
  readonly name: string
  readonly document: unknown
  readonly patch: readonly unknown[]
  readonly result?: unknown
  /** Where the result has a key that only its text shows. */
  readonly resultText?: string
  readonly fails?: true
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) deepFreeze(inner)
  return Object.freeze(value)
}

describe.each(vectorFiles<PatchCase>('json-patch'))('spec/vectors/json-patch/%s', (_file, { cases }) => {
  it.each(cases)('$name', ({ document, patch, result, resultText, fails }) => {
    const before = JSON.stringify([document, patch])
    deepFreeze([document, patch])
    if (fails) expect(() => applyPatch(document, patch)).toThrow(/^Operation \d+ \(/)
    else if (resultText) expect(JSON.stringify(applyPatch(document, patch))).toBe(resultText)
    else expect(applyPatch(document, patch)).toEqual(result)
    expect(JSON.stringify([document, patch])).toBe(before)
    expect('polluted' in {}).toBe(false)
  })
})

describe('applyPatch', () => {
  const anyPath = fc
    .array(fc.constantFrom('a', 'b', '0', '1', '-', ''), { maxLength: 3 })
    .map((keys) => keys.map((key) => `/${key}`).join(''))
  const anyOperation = fc.record({
    op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'),
    path: anyPath,
    from: anyPath,
    value: fc.oneof(fc.constant({ a: [{}], b: {} }), fc.constant([[], 1]), anyJson),
  })
  const anyDocument = fc.constantFrom<unknown>(
    { a: { a: [1, { b: 2 }], b: [[]] }, b: [{}, {}] },
    [[1], {}],
    null,
  )

  it('is the same operation by operation as in one patch, and changes neither the document nor the patch', () => {
    fc.assert(
      fc.property(anyDocument, fc.array(anyOperation, { maxLength: 12 }), (document, operations) => {
        deepFreeze([document, operations])
        let stepped = document
        const fitting = operations.filter((operation) => {
          try {
            stepped = deepFreeze(applyPatch(stepped, [operation]))
            return true
          } catch {
            return false
          }
        })
        expect(applyPatch(document, fitting)).toEqual(stepped)
      }),
      { numRuns: 2000 },
    )
  })

  it('shares with the document all that the patch leaves alone, and is the document if it changes nothing', () => {
    const document = { a: { deep: { x: 1 } }, b: [{ y: 1 }, { z: 1 }] }
    const patched = applyPatch(document, [{ op: 'replace', path: '/b/1/z', value: 2 }]) as typeof document
    expect(patched).toEqual({ a: { deep: { x: 1 } }, b: [{ y: 1 }, { z: 2 }] })
    expect(patched.a).toBe(document.a)
    expect(patched.b[0]).toBe(document.b[0])
    expect(applyPatch(document, [{ op: 'test', path: '/a/deep/x', value: 1 }])).toBe(document)
  })

  it('copies a container once, whatever the number of operations', () => {
    const sizes = [2000, 4000].map((size) => {
      const document = { list: Array.from({ length: size }, (_, index) => index) }
      let copies = 0
      const slice = document.list.slice
      document.list.slice = (...range) => {
        copies++
        return slice.apply(document.list, range)
      }
      const patch = document.list.map((index) => ({ op: 'replace', path: `/list/${index}`, value: -index }))
      expect(applyPatch(document, patch)).toEqual({ list: patch.map(({ value }) => value) })
      return copies
    })
    expect(sizes).toEqual([1, 1])
  })

  it('says which operation does not fit, and why', () => {
    const patch = [
      { op: 'test', path: '/a', value: 1 },
      { op: 'remove', path: '/b' },
    ]
    expect(() => applyPatch({ a: 1 }, patch)).toThrow('Operation 2 (remove "/b") finds nothing at "b"')
    expect(() => applyPatch({}, {} as never)).toThrow(TypeError)
  })
})
