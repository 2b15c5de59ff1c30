import { afterEach, describe, expect, it } from 'vitest'

import { createRedisServer, type RedisServer } from '../../../packages/server/test/log/redis/redis-server.ts'
import { textOf } from './agent.ts'
import { readEvents } from './event-reader.ts'
import { pausedOwner } from './paused-owner.ts'
import { freePort, startServer } from './server-process.ts'

let redis: RedisServer
afterEach(() => redis.dispose())

describe('a run whose process', () => {
  it('is killed for good is told lost to its readers, in less than 30 s', async () => {
    redis = createRedisServer()
    await redis.start()
    const open = async () =>
      startServer({
        store: 'redis',
        place: redis.socketPath,
        port: await freePort(),
        flags: ['--cannot-continue'],
      })
    const [owner, other] = [await open(), await open()]
    const started = await fetch(`${owner.url}/runs`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ tokens: 100_000, gapMs: 10 }),
    })
    await started.body?.cancel()
    const reader = readEvents(
      other.url + started.headers.get('content-location'),
      AbortSignal.timeout(60_000),
    )
    await expect.poll(() => reader.seen.events.length).toBeGreaterThan(3)
    owner.kill('SIGKILL')
    const killedMs = Date.now()
    const { events } = await reader.finished
    expect(Date.now() - killedMs).toBeLessThan(30_000)
    expect(events.slice(-2).map(({ event }) => event)).toEqual(['error', 'done'])
    expect(events.at(-2)?.data).toContain('run_lost')
    other.kill('SIGKILL')
  }, 60_000)

  it('is paused goes on in another one, and gets nothing more from the first', async () => {
    redis = createRedisServer()
    await redis.start()
    const { seen, stored, said } = await pausedOwner(redis.socketPath, 5000, '--lease-ms=1500')
    expect(stored).toEqual(seen)
    const text = stored.map(({ data }) => (JSON.parse(data) as { text?: string }).text ?? '').join('')
    expect(text).toBe(textOf(500))
    expect(said.map(({ type }) => type)).toContain('aborted')
  }, 60_000)
})
