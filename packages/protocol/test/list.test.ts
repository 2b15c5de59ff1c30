import { describe, expect, it } from 'vitest'

import { createList } from '../src/list.ts'

describe('createList', () => {
  it('hands out the given empty list until an item comes', () => {
    const empty: readonly number[] = []
    expect(createList(empty).snapshot()).toBe(empty)
  })

  it('hands out the same copy until it changes, and never changes a copy', () => {
    const list = createList<string>([])
    expect(list.push('a')).toBe(0)
    const one = list.snapshot()
    expect(list.snapshot()).toBe(one)
    expect(list.push('b')).toBe(1)
    list.set(0, 'A')
    expect(one).toEqual(['a'])
    expect(list.snapshot()).toEqual(['A', 'b'])
  })
})
