import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'

import { crashLoop } from './crash-loop.ts'

it('readers see each event once, in order, whenever the server is killed (file)', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'agent-stream-crash-'))
  const report = await crashLoop({ store: 'file', place: folder, rounds: 8, seed: 1 })
  await rm(folder, { recursive: true })
  expect(report.faults).toEqual([])
  expect(report.incomplete).toEqual([])
  expect(report.runs).toBeGreaterThan(0)
  expect(report.reconnects).toBeGreaterThan(0)
}, 60_000)
