import { expect, it } from 'vitest'

import { killedRecorder } from './crash/killed-recorder.ts'

it('loses no more than the last events of each of 1,000 sessions when it is killed', async () => {
  const { sessions, problems, tornLines, passed, missing, lostMs } = await killedRecorder(1000, 8000)
  expect(problems).toEqual([])
  expect(tornLines).toBeLessThanOrEqual(1)
  expect(sessions).toBe(1000)
  expect(missing).toBeLessThan(passed)
  // 50 ms; more only where the machine is too busy to run the process in that time.
  expect(lostMs).toBeLessThan(1000)
}, 60_000)
