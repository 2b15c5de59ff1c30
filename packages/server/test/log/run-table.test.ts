import { expect, it } from 'vitest'

import { createRunTable, type TableRun } from '../../src/log/run-table.ts'

const run = (runId: string, startedMs: number, endedMs?: number): TableRun => ({
  runId,
  owner: 'ada',
  idempotencyKey: `key of ${runId}`,
  startedMs,
  end: endedMs === undefined ? undefined : { atMs: endedMs, outcome: 'complete' },
  isSettled: false,
  epoch: 0,
  leaseEndsMs: 0,
})

it('lets runs expire in the order of their ends, however they came', () => {
  let nowMs = 1000
  const expired: string[] = []
  const table = createRunTable<TableRun>({
    retentionMs: 100,
    now: () => nowMs,
    onExpired: ({ runId }) => expired.push(runId),
  })
  const open = run('open', 0)
  for (const each of [run('late', 1, 1050), run('early', 3, 1010), open, run('middle', 2, 1030)])
    table.add(each)
  expect(table.list({}).map(({ runId }) => runId)).toEqual(['early', 'middle', 'late', 'open'])
  nowMs = 1131
  expect(table.find('early')).toBeUndefined()
  expect(expired).toEqual(['early', 'middle'])
  expect(table.findByKey('ada', 'key of middle')).toBeUndefined()
  expect(table.findByKey('ada', 'key of late')?.runId).toBe('late')
  table.end(open, { atMs: 900, outcome: 'failed' })
  expect(table.list({}).map(({ runId }) => runId)).toEqual(['late'])
})

it('never leases a run twice at a time', () => {
  let nowMs = 0
  const table = createRunTable<TableRun>({ now: () => nowMs })
  const one = run('one', 0)
  table.add(one)
  expect(table.findClaimable('one')).toBe(one)
  const first = table.lease(one, 100)
  expect([table.findClaimable('one'), table.claimable()]).toEqual([undefined, []])
  nowMs = 100
  expect(table.claimable()).toEqual(['one'])
  const second = table.lease(one, 100)
  expect(second.epoch).toBe(first.epoch + 1)
  table.release(first)
  expect(table.claimable()).toEqual([])
  expect(table.renew([first, second], 500)).toEqual([first])
  nowMs = 300
  expect(table.claimable()).toEqual([])
  table.release(second)
  expect(table.claimable()).toEqual(['one'])
})
