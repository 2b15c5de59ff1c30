import { randomBytes } from 'node:crypto'
import { createClient } from 'redis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { type LogEvent, type RunStore, redisLog } from '../../../src/index.ts'
import {
  allOf,
  collect,
  END,
  events,
  LEASE_MS,
  record,
  rejection,
  start,
} from '../contract/store-under-test.ts'
import { createRedisServer, type RedisServer } from './redis-server.ts'

let server: RedisServer
const SOON = { interval: 1, timeout: 10_000 }
const opened: RunStore[] = []

beforeEach(() => {
  server = createRedisServer()
})
afterEach(async () => {
  for (const log of opened.splice(0)) await log.close()
  await server.dispose()
})

function open({ socketPath } = server, commandTimeoutMs = 2000): RunStore {
  const client = createClient({ socket: { path: socketPath, tls: false } })
  const log = redisLog(client, { commandTimeoutMs })
  opened.push(log)
  return log
}

/** A follower whose events are looked at while they come. */
function follower(log: RunStore, runId: string, after = 0) {
  const seen: LogEvent[] = []
  const stop = new AbortController()
  const ended = (async () => {
    for await (const batch of log.follow(runId, after, stop.signal)) seen.push(...batch)
  })()
  // Looked at where a test expects it.
  ended.catch(() => undefined)
  return { seen, ended, stop }
}

async function appendUntilStored(log: RunStore, runId: string, epoch: number, seq: number): Promise<void> {
  for (;;) {
    try {
      return await log.append(runId, epoch, events(seq, seq))
    } catch (error) {
      expect(error).toMatchObject({ code: 'unavailable', retryable: true })
    }
  }
}

describe('redisLog, while Redis is away', () => {
  it('says so in time, and works when Redis has come', async () => {
    const log = open(server, 100)
    const given = record()
    const error = await rejection(log.create(given, LEASE_MS), 'unavailable')
    expect(error.message).toBe('Redis could not be reached within 100 ms')
    await rejection(log.claimable(), 'unavailable')
    await server.start()
    await expect
      .poll(() => log.create(given, LEASE_MS).catch(() => undefined), SOON)
      .toMatchObject({ epoch: 1 })
  })

  it('waits a little for who comes back soon', async () => {
    const log = open()
    const [created] = await Promise.all([log.create(record(), LEASE_MS), server.start()])
    expect(created.epoch).toBe(1)
  })

  it('says that it is loading, and has everything then', async () => {
    await server.start()
    const log = open()
    const { runId, epoch } = await start(log)
    for (const from of [1, 1001, 2001]) await log.append(runId, epoch, events(from, from + 999))
    await server.kill()
    const said = new Set<string>()
    const starting = server.start('--key-load-delay', '300')
    const read = () =>
      log.read(runId, 2999).catch(({ message }) => {
        said.add(message)
      })
    await expect.poll(read, SOON).toMatchObject({ events: events(3000, 3000) })
    await starting
    expect(said).toContain('Redis is loading its data')
  })

  it('gives up a connection that does not answer, and settles the append by repeating it', async () => {
    await server.start()
    const [log, peer] = [open(server, 150), open()]
    const { runId, epoch } = await start(log)
    await log.append(runId, epoch, events(1, 1))
    server.pause()
    await rejection(log.append(runId, epoch, events(2, 2)), 'unavailable')
    await rejection(log.append(runId, epoch, events(2, 2)), 'unavailable')
    server.resume()
    await appendUntilStored(log, runId, epoch, 2)
    expect(await allOf(peer, runId)).toEqual(events(1, 2))
  })

  it('loses nothing that was acknowledged when Redis is killed while it writes', async () => {
    await server.start()
    const [writer, reader] = [open(), open()]
    const runs = await Promise.all(Array.from({ length: 8 }, () => start(writer)))
    const readers = runs.map(({ runId }) => follower(reader, runId))
    const acknowledged = new Map(runs.map(({ runId }) => [runId, 0]))
    let isOver = false
    const writing = runs.map(async ({ runId, epoch }) => {
      let seq = 0
      while (!isOver) {
        await appendUntilStored(writer, runId, epoch, ++seq)
        acknowledged.set(runId, seq)
      }
      await writer.append(runId, epoch, events(seq + 1, seq + 1), END)
      return seq + 1
    })
    for (const mark of [100, 300]) {
      await expect.poll(() => Math.min(...acknowledged.values()), SOON).toBeGreaterThan(mark)
      await server.kill()
      const atKill = [...acknowledged]
      await server.start()
      for (const [runId, seq] of atKill) {
        const last = await server.command('HGET', `agent-stream:run:${runId}`, 'last')
        expect(Number(last)).toBeGreaterThanOrEqual(seq)
      }
    }
    isOver = true
    const lasts = await Promise.all(writing)
    for (const [i, { runId }] of runs.entries()) {
      const all = events(1, lasts[i] as number)
      expect(await allOf(reader, runId)).toEqual(all)
      await readers[i]?.ended
      expect(readers[i]?.seen).toEqual(all)
    }
  }, 30_000)

  it('lets those who follow sit it out, and leave', async () => {
    await server.start()
    const log = open(server, 200)
    const { runId, epoch } = await start(log)
    await log.append(runId, epoch, events(1, 1))
    const [stays, leaves] = [follower(log, runId), follower(log, runId)]
    await expect.poll(() => stays.seen.length, SOON).toBe(1)
    await server.kill()
    const late = follower(log, runId)
    const lateAndGone = follower(log, runId)
    await rejection(log.claimable(), 'unavailable')
    for (const { stop, ended } of [leaves, lateAndGone]) {
      stop.abort()
      await ended
    }
    await server.start()
    await appendUntilStored(log, runId, epoch, 2)
    await log.append(runId, epoch, events(3, 3), END)
    await Promise.all([stays.ended, late.ended])
    expect(stays.seen).toEqual(events(1, 3))
    expect(late.seen).toEqual(events(1, 3))
  })

  it('is closed at once', async () => {
    await server.start()
    const log = open(server, 60_000)
    const { runId, epoch } = await start(log)
    await log.append(runId, epoch, events(1, 1))
    const { seen, ended } = follower(log, runId)
    await expect.poll(() => seen.length, SOON).toBe(1)
    await server.kill()
    // Lost with its connection if that was not missed yet, else waiting for another one.
    const append = log.append(runId, epoch, events(2, 2)).catch((error) => error)
    const late = follower(log, runId)
    await log.close()
    expect(await append).toMatchObject({ code: expect.stringMatching(/unavailable|closed/) })
    await late.ended
    await ended
  })
})

describe('redisLog, when Redis has lost its newest events', () => {
  /** Runs `lose` between a copy of the data and its return. */
  async function restoreAround(lose: () => Promise<void>): Promise<void> {
    const copy = `${server.folder}/copy`
    await server.kill()
    server.copyDataTo(copy)
    await server.start()
    await lose()
    await server.kill()
    server.takeDataFrom(copy)
    await server.start()
  }

  it('tells readers and the writer', async () => {
    await server.start()
    const [writer, reader] = [open(), open()]
    const { runId, epoch } = await start(writer)
    const behind = await start(writer)
    await writer.append(runId, epoch, events(1, 3))
    await writer.append(behind.runId, behind.epoch, events(1, 3))
    const following = [follower(reader, runId), follower(reader, behind.runId)] as const
    await expect.poll(() => following[0].seen.length + following[1].seen.length, SOON).toBe(6)
    await restoreAround(async () => {
      await appendUntilStored(writer, runId, epoch, 4)
      await writer.append(runId, epoch, events(5, 5))
      await expect.poll(() => following[0].seen.length, SOON).toBe(5)
    })
    expect(await rejection(following[0].ended, 'rewound')).toMatchObject({ last: 3 })
    expect(await rejection(reader.read(runId, 5), 'rewound')).toMatchObject({ last: 3 })
    expect(await rejection(collect(reader, runId, 5), 'rewound')).toMatchObject({ last: 3 })
    expect(await rejection(writer.append(runId, epoch, events(6, 6)), 'rewound')).toMatchObject({ last: 3 })
    // Who had not read what was lost goes on.
    await writer.append(behind.runId, behind.epoch, events(4, 4), END)
    await following[1].ended
    expect(following[1].seen).toEqual(events(1, 4))
    // The writer that still has them adds them again.
    await writer.append(runId, epoch, events(4, 6))
    expect(await allOf(reader, runId)).toEqual(events(1, 6))
  }, 20_000)

  it('tells a reader whose events were replaced by others', async () => {
    await server.start()
    const [writer, reader] = [open(), open()]
    const { runId, epoch } = await start(writer)
    await writer.append(runId, epoch, events(1, 3))
    const { seen, ended } = follower(reader, runId)
    const copy = `${server.folder}/copy`
    await expect.poll(() => seen.length, SOON).toBe(3)
    const elsewhere = createRedisServer()
    await server.kill()
    server.copyDataTo(copy)
    await server.start()
    await appendUntilStored(writer, runId, epoch, 4)
    await expect.poll(() => seen.length, SOON).toBe(4)
    await server.kill()
    try {
      // As a failover to a replica that had not heard of event 4, seen late by the reader.
      await elsewhere.start()
      await elsewhere.kill()
      elsewhere.takeDataFrom(copy)
      await elsewhere.start()
      const other = events(4, 9).map((event) => ({ ...event, atMs: event.atMs + 7 }))
      await open(elsewhere).append(runId, epoch, other)
      await elsewhere.kill()
      elsewhere.copyDataTo(`${server.folder}/replaced`)
    } finally {
      await elsewhere.dispose()
    }
    server.takeDataFrom(`${server.folder}/replaced`)
    await server.start()
    expect(await rejection(ended, 'rewound')).toMatchObject({
      last: 9,
      message: expect.stringMatching(/has lost event 4/),
    })
    expect(seen).toEqual(events(1, 4))
  }, 20_000)

  it('tells a reader of a run that is gone', async () => {
    await server.start()
    const log = open()
    const { runId, epoch } = await start(log)
    await log.append(runId, epoch, events(1, 1))
    const { seen, ended } = follower(log, runId)
    await expect.poll(() => seen.length, SOON).toBe(1)
    await server.command('FLUSHALL')
    await server.kill()
    await server.start()
    await rejection(ended, 'not_found')
  })
})

describe('redisLog, while Redis takes no writes', () => {
  const refusals = [
    ['is out of memory', ['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0']],
    ['is a replica', ['REPLICAOF', '127.0.0.1', '1'], ['REPLICAOF', 'NO', 'ONE']],
    [
      'has too few replicas',
      ['CONFIG', 'SET', 'min-replicas-to-write', '1'],
      ['CONFIG', 'SET', 'min-replicas-to-write', '0'],
    ],
  ] as const

  it.each(refusals)('says that it %s, stores nothing, and goes on afterwards', async (why, refuse, allow) => {
    await server.start()
    const [log, peer] = [open(), open()]
    const { runId, epoch } = await start(log)
    await log.append(runId, epoch, events(1, 1))
    await server.command(...refuse)
    const error = await rejection(log.append(runId, epoch, events(2, 4), END), 'unavailable')
    expect(error.message).toContain(why)
    await rejection(log.create(record({ idempotencyKey: 'k' }), LEASE_MS), 'unavailable')
    await rejection(log.putIntent(runId, 'cancel', ''), 'unavailable')
    expect(await peer.read(runId, 0)).toEqual({ events: events(1, 1), last: 1, hasEnded: false })
    expect(await peer.intents(runId)).toEqual(new Map())
    await server.command(...allow)
    await log.append(runId, epoch, events(2, 4), END)
    expect((await log.create(record({ idempotencyKey: 'k' }), LEASE_MS)).epoch).toBe(1)
    expect(await allOf(peer, runId)).toEqual(events(1, 4))
  })

  it('brings its scripts again when Redis has forgotten them', async () => {
    await server.start()
    const log = open()
    const { runId, epoch } = await start(log)
    const { seen, ended } = follower(log, runId)
    await log.append(runId, epoch, events(1, 1))
    await server.command('SCRIPT', 'FLUSH')
    await log.append(runId, epoch, events(2, 2))
    expect(await allOf(log, runId)).toEqual(events(1, 2))
    await log.append(runId, epoch, events(3, 3), END)
    await ended
    expect(seen).toEqual(events(1, 3))
  })
})

describe('redisLog, refused by Redis', () => {
  it('says why, and no password', async () => {
    const password = randomBytes(12).toString('hex')
    await server.start()
    await server.command('CONFIG', 'SET', 'requirepass', 'other')
    const client = createClient({ password, socket: { path: server.socketPath, tls: false } })
    const log = redisLog(client, { commandTimeoutMs: 200 })
    opened.push(log)
    const error = await rejection(log.claimable(), 'unavailable')
    expect(error.message).toBe("Redis refuses the client's user name or password")
    expect(JSON.stringify([error.message, error.stack, String(error.cause)])).not.toContain(password)
  })

  it('fails at once for what no retry mends', async () => {
    await server.start()
    const log = open()
    await server.command('SET', 'agent-stream:unsettled', 'no sorted set')
    const error = await log.claimable().catch((reason) => reason)
    expect(error).not.toHaveProperty('retryable')
    expect(error.message).toBe('Redis refused a command of the log (WRONGTYPE)')
  })
})
