import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createRunStream } from '../../src/http/run-stream.ts'
import { type LogEvent, memoryLog, type RunStore } from '../../src/index.ts'

const runId = 'a'.repeat(32)
const event = (seq: number, data = '{"text": "x"}'): LogEvent => ({ seq, atMs: 0, event: 'token', data })
const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes)

let log: RunStore
beforeEach(async () => {
  vi.useFakeTimers()
  log = memoryLog()
  await log.create(
    { runId, owner: 'ada', startedAt: '2026-01-01T00:00:00Z', input: '{}', bodyHash: '' },
    1000,
  )
})
afterEach(() => vi.useRealTimers())

function open(from: Partial<Parameters<typeof createRunStream>[0]> = {}) {
  const options = { log, runId, after: 0, heartbeatMs: 15_000, readerTimeoutMs: 60_000 }
  return createRunStream({ ...options, onError: () => undefined, ...from })
}

describe('createRunStream', () => {
  it('fills silences with heartbeats, and starts counting at each event', async () => {
    const reader = open().getReader()
    await vi.advanceTimersByTimeAsync(14_999)
    await log.append(runId, 1, [event(1)])
    expect(text((await reader.read()).value)).toBe('id: 1\nevent: token\ndata: {"text": "x"}\n\n')
    const next = reader.read()
    const arrived = vi.fn()
    void next.then(arrived)
    await vi.advanceTimersByTimeAsync(14_999)
    expect(arrived).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(text((await next).value)).toBe(': heartbeat\n\n')
    await vi.advanceTimersByTimeAsync(15_000)
    expect(text((await reader.read()).value)).toBe(': heartbeat\n\n')
  })

  it('goes on with heartbeats, and drops nobody, when the clock is set', async () => {
    const reader = open().getReader()
    for (const jumpMs of [-3_600_000, 7_200_000]) {
      vi.setSystemTime(Date.now() + jumpMs)
      const next = reader.read()
      await vi.advanceTimersByTimeAsync(15_000)
      expect(text((await next).value)).toBe(': heartbeat\n\n')
    }
    await reader.cancel()
  })

  it('asks the log for nothing that nobody reads', async () => {
    const pulled = vi.fn()
    const stream = open({
      log: {
        ...log,
        follow: async function* () {
          for (let seq = 1; ; seq++) {
            pulled()
            yield [event(seq)]
          }
        },
      },
    })
    await vi.advanceTimersByTimeAsync(1000)
    expect(pulled).toHaveBeenCalledTimes(1)
    await stream.cancel()
  })

  it('drops a reader that takes nothing, and lets go of the log', async () => {
    let isFollowed = true
    const stream = open({
      log: {
        ...log,
        async *follow(_, __, signal) {
          signal.addEventListener('abort', () => {
            isFollowed = false
          })
          yield [event(1)]
          yield [event(2)]
        },
      },
    })
    await vi.advanceTimersByTimeAsync(59_000)
    expect(isFollowed).toBe(true)
    await vi.advanceTimersByTimeAsync(2000)
    expect(isFollowed).toBe(false)
    await expect(stream.getReader().read()).rejects.toThrow('took nothing for 60000 ms')
  })

  it('says which numbers are lost, at its beginning and in the middle', async () => {
    const damaged = [event(3), event(4), event(7)]
    const stream = open({
      after: 1,
      log: {
        ...log,
        follow: async function* () {
          yield damaged
          yield [event(9)]
        },
      },
    })
    const reader = stream.getReader()
    const all: string[] = []
    for (let next = await reader.read(); !next.done; next = await reader.read()) all.push(text(next.value))
    const lines = all
      .join('')
      .split('\n')
      .filter((line) => /^id|gap|seq/.test(line))
    expect(lines).toEqual([
      'event: gap',
      'data: {"from_seq":2,"to_seq":2}',
      'id: 3',
      'id: 4',
      'event: gap',
      'data: {"from_seq":5,"to_seq":6}',
      'id: 7',
      'event: gap',
      'data: {"from_seq":8,"to_seq":8}',
      'id: 9',
    ])
  })

  it('encodes a batch once for all readers at the same place', async () => {
    const batch = [event(1)]
    const follow = async function* () {
      yield batch
    }
    const [a, b] = [open({ log: { ...log, follow } }), open({ log: { ...log, follow } })]
    const [first, second] = [await a.getReader().read(), await b.getReader().read()]
    expect(first.value).toBe(second.value)
  })
})
