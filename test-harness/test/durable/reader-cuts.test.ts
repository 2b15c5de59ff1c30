import { memoryLog } from '@agent-stream/server'
import { expect, it } from 'vitest'

import { readerCuts } from './reader-cuts.ts'

it('the client shows what the log has, wherever its connections are cut', async () => {
  const report = await readerCuts({ log: memoryLog(), cuts: 400, seed: 3, tokens: 2000 })
  expect(report.faults).toEqual([])
  expect(report.cuts).toBeGreaterThanOrEqual(400)
}, 60_000)
