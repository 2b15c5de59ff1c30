import { CassetteError, memoryStore } from '@agent-stream/cassette'
import { describe, expect, it } from 'vitest'

import { fakeDisk } from '../../../server/test/record/fake-disk.ts'
import { reportedCalls } from '../support/calls.ts'
import { bodyOf, fakeApi } from '../support/fake-api.ts'
import { startGateway } from '../support/gateway.ts'
import { inlineObserver } from '../support/inline-observer.ts'
import { streamNamed } from '../support/streams.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const STREAM = streamNamed('openai-chat', 'pair-parallel-tools-turn2')

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: something, write '/srv/recordings/x'`), { code })
}

/** A gateway whose disk is like this. */
async function before(disk: ReturnType<typeof fakeDisk>, write: () => Promise<void>) {
  const store = memoryStore()
  const calls = reportedCalls()
  const api = await fakeApi(async (request, response) => {
    await bodyOf(request)
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(STREAM)
  })
  const faulty: typeof store = {
    ...store,
    write: async (cassette, options) => {
      try {
        await write()
      } catch (cause) {
        throw new CassetteError('not_stored', 'could not be stored', { cause })
      }
      return store.write(cassette, options)
    },
  }
  let nowMs = 0
  const world = { store: faulty, recorder: { disk }, now: () => nowMs }
  const { url, gateway } = await startGateway(
    { target: api.url, record: { folder: temporaryFolder() }, onCall: calls.onCall },
    { startObserver: inlineObserver(world) },
  )
  const call = async () => {
    const response = await fetch(`${url}/v1/chat/completions`, { method: 'POST', body: '{"model": "m"}' })
    expect(await response.text()).toBe(STREAM.toString())
  }
  const health = async () => (await fetch(`${url}/health/streaming`)).json()
  return { call, calls, health, gateway, later: (ms: number) => (nowMs += ms) }
}

describe('a recording disk', { timeout: 30_000 }, () => {
  it.each([
    ['that is full', 'ENOSPC', 'the disk is full (ENOSPC)'],
    ['that is read-only', 'EROFS', 'the disk is read-only (EROFS)'],
    ['that may not be written to', 'EACCES', 'the folder may not be written to (EACCES)'],
  ])('%s is said, and no stream is hurt', async (_, code, reason) => {
    const disk = fakeDisk()
    const broken = { isBroken: true }
    const open = disk.open
    disk.open = async (path) => {
      if (broken.isBroken) throw systemError(code)
      return open(path)
    }
    const { call, calls, health } = await before(disk, async () => {
      if (broken.isBroken) throw systemError(code)
    })
    await call()
    await calls.until(1)
    await expect.poll(health, { timeout: 5000 }).toMatchObject({
      status: 'degraded',
      reasons: [`calls are not recorded: ${reason}`, `sessions are not recorded: ${reason}`],
      recording: { cassettes: { written: 0, failed: 1 } },
    })
    expect(JSON.stringify(await health())).not.toContain('/srv/recordings')
    broken.isBroken = false
    await call()
    await expect.poll(health, { timeout: 10_000 }).toMatchObject({
      status: 'healthy',
      reasons: [],
      recording: { cassettes: { written: 1, failed: 1 } },
    })
  })

  it('that does not answer is said, and calls end as fast', async () => {
    const disk = fakeDisk()
    disk.isStalled = true
    let release = () => {}
    const isReleased = new Promise<void>((resolve) => {
      release = resolve
    })
    const { call, calls, health, later } = await before(disk, () => isReleased)
    for (let i = 0; i < 3; i++) await call()
    expect(await calls.until(3)).toHaveLength(3)
    later(60_000)
    await expect.poll(health, { timeout: 5000 }).toMatchObject({
      status: 'degraded',
      reasons: ['the recording is slow: a call has waited for 60 s'],
    })
    release()
    disk.release()
    await expect.poll(health, { timeout: 5000 }).toMatchObject({ status: 'healthy' })
  })
})
