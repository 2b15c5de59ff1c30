import { expect, it } from 'vitest'

import { crashLoop } from '../crash/crash-loop.ts'

it('loses, doubles and reorders nothing that was acknowledged, killed at any moment', async () => {
  const seed = Date.now() % 2 ** 31
  const { acknowledged, problems } = await crashLoop({ store: 'file', rounds: 8, seed })
  expect(problems, `seed ${seed}`).toEqual([])
  expect(acknowledged).toBeGreaterThan(0)
}, 120_000)
