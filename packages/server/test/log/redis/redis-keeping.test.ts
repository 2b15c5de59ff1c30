import { randomBytes } from 'node:crypto'
import { createClient, RESP_TYPES } from 'redis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { type RunStore, redisLog } from '../../../src/index.ts'
import { END, events, LEASE_MS, RETENTION_MS, record, start } from '../contract/store-under-test.ts'
import { createRedisServer } from './redis-server.ts'
import { passRedisTime } from './redis-time.ts'

const SOON = { interval: 1, timeout: 10_000 }
const server = createRedisServer()
beforeAll(() => server.start())
afterAll(() => server.dispose())

let prefix: string
const opened: RunStore[] = []
beforeEach(() => {
  prefix = randomBytes(8).toString('hex')
})
afterEach(async () => {
  for (const log of opened.splice(0)) await log.close()
})

function open(retentionMs = RETENTION_MS): RunStore {
  const log = redisLog(createClient({ socket: { path: server.socketPath, tls: false } }), {
    prefix,
    retentionMs,
  })
  opened.push(log)
  return log
}

const keys = async (): Promise<string[]> => (await server.command('KEYS', `${prefix}:*`)) as string[]
const clientCount = async (): Promise<number> =>
  String(await server.command('CLIENT', 'LIST'))
    .trim()
    .split('\n').length

describe('what redisLog keeps in Redis', () => {
  it('leaves no key of runs that have expired', async () => {
    const log = open()
    const runs = await Promise.all(
      ['ada', 'bob', 'ada'].map((owner, i) => start(log, { owner, idempotencyKey: `k${i}` })),
    )
    for (const { runId, epoch } of runs) {
      await log.append(runId, epoch, events(1, 3))
      await log.putIntent(runId, 'before', '')
      await log.append(runId, epoch, events(4, 4), END)
      await log.putIntent(runId, 'after', '')
    }
    expect(await keys()).not.toEqual([])
    await passRedisTime(server, prefix, RETENTION_MS + 1)
    expect(await log.claimable()).toEqual([])
    expect(await keys()).toEqual([])
  })

  it('lets Redis itself expire what belongs to a run', async () => {
    const log = open(1)
    const { runId, epoch } = await start(log, { idempotencyKey: 'k' })
    await log.putIntent(runId, 'cancel', '')
    await log.append(runId, epoch, events(1, 1), END)
    const ofRun = async () => (await keys()).filter((key) => /:(run|log|intents|key):/.test(key))
    await expect.poll(ofRun, SOON).toEqual([])
    expect(await log.list({ owner: 'ada' })).toEqual([])
  })

  it('lets no run that was given back go before one that waits longer', async () => {
    const log = open()
    const [lost, given] = [await start(log), await start(log)]
    await passRedisTime(server, prefix, LEASE_MS + 1)
    const lease = await log.claim(given.runId, LEASE_MS)
    await log.release(lease ?? { runId: '', epoch: 0 }, false)
    expect(await log.claimable()).toEqual([lost.runId, given.runId])
  })

  it('expires nothing of a run that goes on', async () => {
    const log = open()
    const { runId, epoch } = await start(log, { idempotencyKey: 'k' })
    await log.append(runId, epoch, events(1, 1))
    await log.putIntent(runId, 'cancel', '')
    const lasting = (await keys()).filter((key) => key !== `${prefix}:hints`)
    expect(lasting).toHaveLength(7)
    for (const key of lasting) expect(await server.command('TTL', key)).toBe(-1)
    await log.append(runId, epoch, events(2, 2), END)
    for (const key of [`run:${runId}`, `log:${runId}`, `intents:${runId}`, 'key:["ada","k"]']) {
      expect(await server.command('PTTL', `${prefix}:${key}`)).toBeGreaterThan(RETENTION_MS - 60_000)
    }
  })

  it('takes little more memory than its events', async () => {
    const log = open()
    const { runId, epoch } = await start(log)
    const data = JSON.stringify({ text: 'x'.repeat(200) })
    for (let seq = 1; seq <= 500; seq++) {
      await log.append(runId, epoch, [{ seq, atMs: Date.now(), event: 'token', data }])
    }
    const bytes = Number(await server.command('MEMORY', 'USAGE', `${prefix}:log:${runId}`, 'SAMPLES', '0'))
    expect(bytes / 500).toBeLessThan(data.length * 1.5)
  })

  it('finds the run of an idempotency key anew when Redis has evicted it', async () => {
    const log = open()
    const { runId } = await start(log, { idempotencyKey: 'k' })
    await server.command('DEL', `${prefix}:run:${runId}`)
    expect(await log.list({})).toEqual([])
    await passRedisTime(server, prefix, LEASE_MS + 1)
    expect(await log.claimable()).toEqual([])
    expect((await log.create(record({ idempotencyKey: 'k' }), LEASE_MS)).epoch).toBe(1)
  })

  it('lists every run of a long list, whatever is passed over', async () => {
    const log = open()
    const runs = await Promise.all(Array.from({ length: 450 }, () => start(log)))
    const some = runs.filter((_, i) => i % 45 === 0)
    for (const { runId, epoch } of some) await log.append(runId, epoch, events(1, 1), END)
    const ended = await log.list({ status: 'ended' })
    expect(new Set(ended.map(({ runId }) => runId))).toEqual(new Set(some.map(({ runId }) => runId)))
    expect(await log.list({ limit: 1000 })).toHaveLength(450)
  })
})

describe('the connections of redisLog', () => {
  it('are two, however many follow, and none once it is closed', async () => {
    const before = await clientCount()
    const log = open()
    const runs = await Promise.all(Array.from({ length: 50 }, () => start(log)))
    const stop = new AbortController()
    let seen = 0
    const follow = async (runId: string) => {
      for await (const batch of log.follow(runId, 0, stop.signal)) seen += batch.length
    }
    const following = runs.flatMap(({ runId }) => [follow(runId), follow(runId)])
    for (const { runId, epoch } of runs) await log.append(runId, epoch, events(1, 2))
    await expect.poll(() => seen, SOON).toBe(200)
    expect(await clientCount()).toBe(before + 2)
    stop.abort()
    await Promise.all(following)
    await log.close()
    await expect.poll(clientCount, SOON).toBe(before)
  })

  it('leave the client alone', async () => {
    const client = createClient({ socket: { path: server.socketPath, tls: false } })
    await client.connect()
    const log = redisLog(client, { prefix })
    await start(log)
    await log.close()
    expect(await client.ping()).toBe('PONG')
    client.destroy()
    const after = redisLog(client, { prefix })
    await start(after)
    await after.close()
  })

  it('are what the client says: database, name', async () => {
    const client = createClient({
      url: `unix://${server.socketPath}?db=3`,
      database: 3,
      name: 'agents',
      commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
    })
    const log = redisLog(client, { prefix })
    const { runId, epoch } = await start(log)
    await log.append(runId, epoch, events(1, 1))
    expect(await log.read(runId, 0)).toMatchObject({ events: events(1, 1) })
    expect(await server.command('CLIENT', 'LIST')).toMatch(/name=agents .*db=3/)
    await log.close()
  })
})

describe('redisLog in several processes', () => {
  it('wakes who listens for intents, and keeps them when the hint is lost', async () => {
    const [owner, other] = [open(), open()]
    const { runId } = await start(owner)
    let hints = 0
    const stop = owner.onIntent(runId, () => hints++)
    await other.putIntent(runId, 'cancel', '')
    await expect.poll(() => hints, SOON).toBe(1)
    stop()
    await server.command('DEL', `${prefix}:hints`)
    await other.putIntent(runId, 'input:1', 'yes')
    expect([...(await owner.intents(runId)).keys()]).toEqual(['cancel', 'input:1'])
  })

  it('gives a run in a hurry no more than its share', async () => {
    const [writer, reader] = [open(), open()]
    const [hasty, calm] = [await start(writer), await start(writer)]
    const order: string[] = []
    const stop = new AbortController()
    const follow = async (name: string, runId: string) => {
      for await (const batch of reader.follow(runId, 0, stop.signal))
        order.push(`${name} ${batch.at(-1)?.seq}`)
    }
    const following = [follow('hasty', hasty.runId), follow('calm', calm.runId)]
    for (const { runId, epoch } of [hasty, calm]) await writer.append(runId, epoch, events(1, 1))
    await expect.poll(() => order.length, SOON).toBe(2)
    await Promise.all([
      writer.append(hasty.runId, hasty.epoch, events(2, 20_000)),
      writer.append(calm.runId, calm.epoch, events(2, 2)),
    ])
    await expect.poll(() => order.includes('hasty 20000'), SOON).toBe(true)
    expect(order.indexOf('calm 2')).toBeLessThan(order.indexOf('hasty 20000') - 10)
    stop.abort()
    await Promise.all(following)
  })
})
