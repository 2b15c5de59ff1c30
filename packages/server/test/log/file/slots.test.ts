import { expect, it } from 'vitest'

import { createSlots } from '../../../src/log/file/slots.ts'

it('runs so many tasks at a time, in order, whatever becomes of them', async () => {
  const slots = createSlots(2)
  const finish: (() => void)[] = []
  const began: number[] = []
  const runs = [0, 1, 2, 3].map((i) =>
    slots.run(async () => {
      began.push(i)
      await new Promise<void>((resolve) => {
        finish[i] = resolve
      })
      if (i === 0) throw new Error('fails')
      return i
    }),
  )
  expect(began).toEqual([0, 1])
  finish[0]?.()
  await expect(runs[0]).rejects.toThrow('fails')
  expect(began).toEqual([0, 1, 2])
  finish[1]?.()
  expect(await runs[1]).toBe(1)
  finish[2]?.()
  finish[3]?.()
  expect(await Promise.all([runs[2], runs[3]])).toEqual([2, 3])
  expect(await slots.run(async () => 'free again')).toBe('free again')
})
