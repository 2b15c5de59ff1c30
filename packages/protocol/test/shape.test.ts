import { describe, expect, it } from 'vitest'

import { isRecord, readShape, SHAPES, type Shape } from '../src/shape.ts'

const shapeOf = (type: string) => SHAPES.get(type) as Shape

describe('readShape', () => {
  it('fills in defaults and leaves out what is optional', () => {
    expect(readShape(shapeOf('tool_use'), {})).toEqual({
      toolName: '',
      toolUseId: '',
      inputSummary: '',
      status: 'running',
    })
  })

  it('gives nothing when a required field is absent or of the wrong kind', () => {
    expect(readShape(shapeOf('token'), {})).toBeUndefined()
    expect(readShape(shapeOf('token'), { text: null })).toBeUndefined()
  })

  it('takes no number that is not finite, and no number for a sequence number that is not whole', () => {
    expect(readShape(shapeOf('turn'), { turn_number: Number.POSITIVE_INFINITY })).toBeUndefined()
    expect(readShape(shapeOf('gap'), { from_seq: 1, to_seq: 2.5 })).toBeUndefined()
  })

  it('takes only the words that are allowed', () => {
    const read = (kind: string) => readShape(shapeOf('input_required'), { input_id: 'i', kind })?.kind
    expect(['approval', 'choice', 'question', 'question|approval', ''].map(read)).toEqual([
      'approval',
      'choice',
      'question',
      'question',
      'question',
    ])
    expect(readShape(shapeOf('tool_use'), { status: 'done' })?.status).toBe('running')
  })

  it('does not share the list that a default is with the next event in a way that can be seen', () => {
    const first = readShape(shapeOf('creation'), {})
    expect(first?.items).toEqual([])
    expect(readShape(shapeOf('creation'), { items: [1] })?.items).toEqual([1])
    expect(readShape(shapeOf('creation'), {})?.items).toEqual([])
  })
})

describe('isRecord', () => {
  it('is true of objects that are no list', () => {
    expect([{}, Object.create(null), [], null, 'a', 1, undefined].map(isRecord)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
      false,
    ])
  })
})
