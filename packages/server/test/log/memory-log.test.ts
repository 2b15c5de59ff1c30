import { describe, expect, it } from 'vitest'

import { memoryLog } from '../../src/index.ts'
import { STARTED_MS } from './contract/store-under-test.ts'
import { runStoreContract } from './run-store-contract.ts'

runStoreContract('memoryLog', ({ retentionMs }) => {
  let nowMs = STARTED_MS
  const store = memoryLog({ retentionMs, now: () => nowMs })
  return {
    store,
    peer: store,
    passTime(ms) {
      nowMs += ms
    },
  }
})

describe('memoryLog', () => {
  it('refuses a retention that is none', () => {
    for (const retentionMs of [0, -1, Number.NaN]) {
      expect(() => memoryLog({ retentionMs })).toThrow(
        /"retentionMs" is .*; expected milliseconds, more than 0/,
      )
    }
  })
})
