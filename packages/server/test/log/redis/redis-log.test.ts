import { randomBytes } from 'node:crypto'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { redisLog } from '../../../src/index.ts'
import { durableStoreContract } from '../run-store-contract.ts'
import { createRedisServer } from './redis-server.ts'
import { passRedisTime } from './redis-time.ts'

const server = createRedisServer()
beforeAll(() => server.start())
afterAll(() => server.dispose())

for (const RESP of [2, 3] as const) {
  durableStoreContract(`redisLog over RESP${RESP}`, ({ retentionMs }) => {
    const prefix = randomBytes(8).toString('hex')
    const client = createClient({ RESP, socket: { path: server.socketPath, tls: false } })
    const open = () => redisLog(client, { prefix, retentionMs })
    const stores = [open(), open()] as const
    const opened = [...stores]
    return {
      store: stores[0],
      peer: stores[1],
      passTime: (ms) => passRedisTime(server, prefix, ms),
      async crash() {
        const reopened = open()
        opened.push(reopened)
        return reopened
      },
      async dispose() {
        for (const store of opened) await store.close()
      },
    }
  })
}

describe('redisLog', () => {
  it('refuses times that are none', () => {
    const client = createClient()
    for (const ms of [0, -1, Number.NaN]) {
      expect(() => redisLog(client, { retentionMs: ms })).toThrow(
        /"retentionMs" is .*; expected milliseconds/,
      )
      expect(() => redisLog(client, { commandTimeoutMs: ms })).toThrow(/"commandTimeoutMs" is .*; expected/)
    }
  })
})
