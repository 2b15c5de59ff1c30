import { describe, expect, it } from 'vitest'

import { AgentStreamRecorder, type RecorderOptions } from '../../src/index.ts'
import { ManualClock } from '../emit/manual-clock.ts'
import { fakeDisk, linesOf } from './fake-disk.ts'

const DAY_MS = 86_400_000

function start(options: RecorderOptions = {}) {
  const clock = new ManualClock()
  const disk = fakeDisk()
  const errors: unknown[] = []
  const startMs = Date.parse('2026-01-02T23:59:00Z')
  const world = { clock, disk, now: () => startMs + clock.now() }
  const recorder = new AgentStreamRecorder(
    'logs/runs.jsonl',
    { onError: (error) => errors.push(error), ...options },
    world,
  )
  const open = (metadata = {}) => {
    const chunks: { n: number; type: string }[] = []
    async function* source() {
      for (;;) yield chunks.shift() ?? { type: 'end', n: 0 }
    }
    const stream = recorder.record(source(), { metadata })
    return async (n: number) => {
      chunks.push({ type: 'e', n })
      expect((await stream.next()).value).toEqual({ type: 'e', n })
    }
  }
  const text = (name = 'logs/runs.jsonl') => disk.files.get(name) ?? ''
  const numbers = (name?: string) =>
    linesOf(text(name)).flatMap(({ event, data }) => (event === 'e' ? [(data as { n: number }).n] : []))
  return { clock, disk, errors, recorder, open, text, numbers }
}

describe('RecordWriter', () => {
  it('writes together what comes within 20 ms', async () => {
    const { clock, disk, recorder, open, numbers } = start()
    const pass = open()
    await pass(1)
    await pass(2)
    expect(disk.writes).toBe(0)
    await clock.advance(20)
    expect(numbers()).toEqual([1, 2])
    expect(disk.writes).toBe(1)
    await pass(3)
    await clock.advance(20)
    expect(numbers()).toEqual([1, 2, 3])
    await recorder.close()
  })

  it('lets streams pass a disk that stalls, drops and counts what does not fit, and goes on after it', async () => {
    const { clock, disk, errors, recorder, open, numbers, text } = start({ maxQueueBytes: 2000 })
    const pass = open()
    await pass(0)
    disk.isStalled = true
    await clock.advance(20)
    for (let n = 1; n <= 100; n++) await pass(n)
    const { dropped, queuedBytes } = recorder.stats
    expect(dropped).toBeGreaterThan(50)
    expect(queuedBytes).toBeLessThanOrEqual(2000)
    disk.release()
    await clock.advance(20)
    await clock.advance(20)
    await pass(101)
    await recorder.close()
    const kept = numbers()
    expect(kept).toEqual([...Array.from({ length: 101 - dropped }, (_, i) => i), 101])
    expect(linesOf(text()).at(-1)).toMatchObject({ data: { status: 'aborted', dropped } })
    expect(recorder.stats).toEqual({ written: kept.length, dropped, errors: 0, queuedBytes: 0 })
    expect(errors).toEqual([])
  })

  it('goes on behind the last byte when a full disk has room again, and reports it once', async () => {
    const { clock, disk, errors, recorder, open, numbers } = start()
    const pass = open()
    await pass(1)
    disk.room = 50
    await clock.advance(20)
    for (let n = 2; n < 5; n++) {
      await pass(n)
      await clock.advance(100 * 2 ** n)
    }
    expect(errors).toHaveLength(1)
    expect(String(errors[0])).toContain('ENOSPC')
    expect(recorder.stats.errors).toBeGreaterThan(1)
    disk.room = Number.POSITIVE_INFINITY
    await clock.advance(5000)
    await clock.advance(20)
    expect(numbers()).toEqual([1, 2, 3, 4])
    expect(recorder.stats).toMatchObject({ written: 4, dropped: 0, queuedBytes: 0 })
    await recorder.close()
  })

  it('keeps room for the ends of sessions', async () => {
    const { clock, disk, recorder, open, text } = start({ maxQueueBytes: 1000 })
    const pass = open()
    disk.isStalled = true
    await pass(0)
    await clock.advance(20)
    for (let n = 1; n < 20; n++) await pass(n)
    const closed = recorder.close()
    disk.release()
    await closed
    expect(linesOf(text()).at(-1)).toMatchObject({ event: 'session_end' })
  })

  it('gives up a disk that does not answer when it is closed', async () => {
    const { clock, disk, recorder, open } = start()
    const pass = open()
    disk.isStalled = true
    await pass(1)
    await clock.advance(20)
    await pass(2)
    const closed = recorder.close(5000)
    await clock.advance(5000)
    await closed
    expect(recorder.stats).toEqual({ written: 0, dropped: 2, errors: 0, queuedBytes: 0 })
  })

  it('begins another file also within what is written together', async () => {
    const { disk, recorder, open } = start({ maxFileBytes: 600 })
    const pass = open()
    for (let n = 1; n <= 20; n++) await pass(n)
    await recorder.close()
    expect(disk.files.size).toBeGreaterThan(2)
    for (const text of disk.files.values()) expect(text.length).toBeLessThanOrEqual(600)
  })

  it('begins a further file when one is full, with the headers of sessions that go on', async () => {
    const { clock, disk, recorder, open } = start({ maxFileBytes: 600 })
    const [a, b] = [open({ who: 'a' }), open({ who: 'b' })]
    for (let n = 0; n < 6; n++) {
      await a(n)
      await b(n)
      await clock.advance(20)
    }
    await recorder.close()
    const names = [...disk.files.keys()]
    expect(names.slice(0, 3)).toEqual(['logs/runs.jsonl', 'logs/runs.2.jsonl', 'logs/runs.3.jsonl'])
    const events: Record<string, number[]> = {}
    for (const [i, name] of names.entries()) {
      const text = disk.files.get(name) ?? ''
      const headers = new Map<unknown, unknown>()
      for (const { session, part, who, sid, event, data } of linesOf(text)) {
        if (session) {
          headers.set(session, who)
          expect(part).toBe(i === 0 ? undefined : i + 1)
        } else if (event === 'e') {
          const known = String(headers.get(sid))
          events[known] = [...(events[known] ?? []), (data as { n: number }).n]
        }
      }
      // One line may be longer than the limit, a file of several not.
      if (linesOf(text).length > 2) expect(text.length).toBeLessThanOrEqual(600)
    }
    expect(events).toEqual({ a: [0, 1, 2, 3, 4, 5], b: [0, 1, 2, 3, 4, 5] })
  })

  it('gives each day files of its own', async () => {
    const { clock, disk, recorder, open, numbers } = start({ isDaily: true })
    const pass = open()
    await pass(1)
    await clock.advance(20)
    await clock.advance(DAY_MS)
    await pass(2)
    await recorder.close()
    expect([...disk.files.keys()]).toEqual(['logs/runs.2026-01-02.jsonl', 'logs/runs.2026-01-03.jsonl'])
    expect(numbers('logs/runs.2026-01-02.jsonl')).toEqual([1])
    expect(linesOf(disk.files.get('logs/runs.2026-01-03.jsonl') ?? '')[0]).toMatchObject({ part: 2, t: 0 })
  })

  it('goes on with the last file that the process before it began', async () => {
    const { disk, recorder, open, numbers } = start({ maxFileBytes: 10_000 })
    disk.list = async () => ['runs.jsonl', 'runs.2.jsonl', 'runs.10.jsonl', 'runs.x.jsonl', 'runs.11.txt']
    await open()(1)
    await recorder.close()
    expect(numbers('logs/runs.10.jsonl')).toEqual([1])
  })
})
