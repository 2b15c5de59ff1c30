import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'

import type { LogEvent, RunStore } from '../../../src/index.ts'
import { allOf, collect, END, events, rejection, start } from '../contract/store-under-test.ts'
import { openFolder, openWith, runPath, take, type WrittenRun, writtenRun } from './file-log-harness.ts'

// Each of hundreds of openings and syncs waits for a disk that others may be using.
vi.setConfig({ testTimeout: 60_000 })

const COUNT = 6

/** Appends behind whatever is there, and reads it again from a folder that is opened anew. */
async function goOn(run: WrittenRun, { store, dir }: { store: RunStore; dir: string }): Promise<LogEvent[]> {
  const { last } = await store.read(run.runId, 0)
  const { epoch } = await take(store, run.runId)
  await store.append(run.runId, epoch, events(last + 1, last + 2, 'new '))
  const live = await allOf(store, run.runId)
  await store.close()
  const again = openFolder(dir)
  expect(await allOf(again.store, run.runId)).toEqual(live)
  await again.store.close()
  expect(live.slice(-2)).toEqual(events(last + 1, last + 2, 'new '))
  return live.slice(0, -2)
}

describe('a file that ends too early', () => {
  it('has what stands before, cut at every byte of its last three lines', async () => {
    const run = await writtenRun(COUNT)
    const from = run.lineStarts[COUNT - 2] as number
    for (let length = from; length <= run.bytes.length; length++) {
      const opened = openWith(run, run.bytes.subarray(0, length))
      // The line end is no part of what a line says.
      const whole = run.lineStarts.filter((at) => at > 0 && length >= endOf(run, at) - 1).length
      expect(await allOf(opened.store, run.runId), `cut at ${length}`).toEqual(events(1, whole))
      const isTorn = !run.lineStarts.includes(length) && ![length, length + 1].includes(run.bytes.length)
      const lacksLineEnd = run.lineStarts.includes(length + 1)
      expect(opened.damage.map(({ problem }) => problem)).toEqual(
        isTorn && !lacksLineEnd ? ['torn_tail'] : [],
      )
      expect(await goOn(run, opened)).toEqual(events(1, whole))
    }
  })

  it('knows the end of a run as soon as its last event is there', async () => {
    const run = await writtenRun(COUNT, { hasEnded: true })
    const lastEvent = run.lineStarts[COUNT] as number
    for (let length = lastEvent; length <= run.bytes.length; length++) {
      const { store } = openWith(run, run.bytes.subarray(0, length))
      const hasEnded = length >= endOf(run, lastEvent) - 1
      expect(await store.read(run.runId, 0), `cut at ${length}`).toEqual({
        events: events(1, hasEnded ? COUNT : COUNT - 1),
        last: hasEnded ? COUNT : COUNT - 1,
        hasEnded,
      })
      const info = await store.get(run.runId)
      expect(info?.end?.outcome).toBe(hasEnded ? END.outcome : undefined)
      const isSettled = length >= run.bytes.length - 1
      expect(await store.claimable()).toEqual(isSettled ? [] : [run.runId])
      await store.close()
    }
  })

  it('cuts a torn tail off when it is opened', async () => {
    const run = await writtenRun(2)
    const torn = Buffer.concat([run.bytes, Buffer.from('{"t": 0.001, "event": "tok')])
    const { store, dir, damage } = openWith(run, torn)
    expect(readFileSync(runPath(dir, run.runId))).toEqual(run.bytes)
    const file = runPath(dir, run.runId)
    expect(damage).toEqual([{ file, offset: run.bytes.length, problem: 'torn_tail' }])
    await store.close()
    expect(openFolder(dir).damage).toEqual([])
  })
})

/** Where the line that begins at `at` ends, its line end included. */
function endOf({ bytes }: WrittenRun, at: number): number {
  return bytes.indexOf('\n', at) + 1
}

describe('a file that is damaged', () => {
  it('serves no changed event and uses no number again, whichever bit of the last three lines flips', async () => {
    const run = await writtenRun(COUNT)
    const from = run.lineStarts[COUNT - 2] as number
    for (let at = from; at < run.bytes.length; at++) {
      const bytes = Buffer.from(run.bytes)
      bytes[at] = (bytes[at] as number) ^ (1 << (at % 8))
      const opened = openWith(run, bytes)
      const { last } = await opened.store.read(run.runId, 0)
      expect(last, `flipped at ${at}`).toBeGreaterThanOrEqual(COUNT)
      const served = await goOn(run, opened)
      expect(served.length).toBeGreaterThanOrEqual(COUNT - 2)
      for (const event of served) expect(event).toEqual(events(event.seq, event.seq)[0])
      // A line end that is gone at the very end is put there again.
      expect(opened.damage.length > 0 || at === run.bytes.length - 1).toBe(true)
    }
  })

  it('shows a jump in the numbers where lines in the middle cannot be read, and says where', async () => {
    const run = await writtenRun(COUNT)
    const [, , third, fourth, fifth] = run.lineStarts.slice(1) as number[]
    for (const filler of ['x', '\0', '\n', '{', '"', '\xff']) {
      const bytes = Buffer.from(run.bytes)
      bytes.fill(filler, (third as number) + 20, (fourth as number) + 30)
      const { store, dir, damage } = openWith(run, bytes)
      const expected = events(1, COUNT).filter(({ seq }) => seq !== 3 && seq !== 4)
      expect(await allOf(store, run.runId)).toEqual(expected)
      const { epoch } = await take(store, run.runId)
      await store.append(run.runId, epoch, events(COUNT + 1, COUNT + 1), END)
      expect((await collect(store, run.runId, 0)).flat()).toEqual([
        ...expected,
        ...events(COUNT + 1, COUNT + 1),
      ])
      expect((await store.read(run.runId, 2, 1)).events).toEqual(events(5, 5))
      const places = damage.map(({ offset }) => offset)
      expect(places[0]).toBe(third)
      expect(places.every((offset) => offset >= (third as number) && offset < (fifth as number))).toBe(true)
      expect(new Set(places).size).toBe(places.length)
      expect(damage[0]).toEqual({ file: runPath(dir, run.runId), offset: third, problem: 'unreadable_line' })
      await store.close()
    }
  })

  it('keeps the numbers of events that the disk has lost at the end', async () => {
    const run = await writtenRun(COUNT)
    for (const lines of [1, 2, COUNT]) {
      const bytes = Buffer.from(run.bytes).fill(0, run.lineStarts[COUNT + 1 - lines])
      const { store } = openWith(run, bytes)
      const page = await store.read(run.runId, 0)
      expect(page.events).toEqual(events(1, COUNT - lines))
      expect(page.last).toBeGreaterThanOrEqual(COUNT)
      expect(await store.read(run.runId, page.last)).toMatchObject({ events: [] })
      await store.close()
    }
  })

  it('never serves what was not written, whatever is written over it (property)', async () => {
    const run = await writtenRun(COUNT)
    const eventsFrom = run.lineStarts[1] as number
    const anyHole = fc.record({
      at: fc.integer({ min: eventsFrom, max: run.bytes.length - 1 }),
      filler: fc.uint8Array({ minLength: 1, maxLength: 300 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(anyHole, { minLength: 1, maxLength: 3 }), async (holes) => {
        const bytes = Buffer.from(run.bytes)
        for (const { at, filler } of holes) bytes.set(filler.subarray(0, bytes.length - at), at)
        const opened = openWith(run, bytes)
        const served = await goOn(run, opened)
        const numbers = served.map(({ seq }) => seq)
        expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b))
        for (const event of served) expect(event).toEqual(events(event.seq, event.seq)[0])
      }),
      { numRuns: 100 },
    )
  })

  it('does not serve a run whose first line cannot be read, and leaves its file alone', async () => {
    const run = await writtenRun(COUNT)
    const otherHeaders = [
      Buffer.from(run.bytes.toString().replace('"owner": "ada"', '"owner": "eve"')),
      Buffer.from(`garbage\n${run.bytes.toString()}`),
      run.bytes.subarray(run.lineStarts[1]),
      run.bytes.subarray(0, 50),
      Buffer.alloc(0),
    ]
    for (const bytes of otherHeaders) {
      const { store, dir, damage } = openWith(run, bytes)
      expect(damage).toEqual([{ file: runPath(dir, run.runId), offset: 0, problem: 'unreadable_header' }])
      expect(await store.get(run.runId)).toBeUndefined()
      expect(await store.list({})).toEqual([])
      await rejection(store.read(run.runId, 0), 'not_found')
      const again = {
        runId: run.runId,
        owner: 'x',
        startedAt: new Date().toISOString(),
        input: '1',
        bodyHash: '',
      }
      await expect(store.create(again, 1000)).rejects.toThrow(/There is a damaged run/)
      await store.close()
      expect(readFileSync(runPath(dir, run.runId))).toEqual(bytes)
    }
  })

  it('is no concern of other runs, nor are other files of the folder', async () => {
    const run = await writtenRun(COUNT)
    writeFileSync(runPath(run.dir, 'f'.repeat(32)), 'nothing of ours')
    for (const name of [
      'README.jsonl',
      `${'A'.repeat(32)}.jsonl`,
      'x.control.jsonl',
      `${run.runId}.jsonl.bak`,
    ]) {
      writeFileSync(join(run.dir, name), 'mine')
    }
    const before = readdirSync(run.dir).toSorted()
    const { store, damage } = openFolder(run.dir)
    expect(await allOf(store, run.runId)).toEqual(events(1, COUNT))
    expect(damage.map(({ problem }) => problem)).toEqual(['unreadable_header'])
    await store.close()
    expect(readdirSync(run.dir).toSorted()).toEqual(before)
  })
})

describe('a damaged file of intents', () => {
  it('gives what can be read of it, and goes on', async () => {
    const { store, dir } = openFolder()
    const { runId } = await start(store)
    for (const name of ['a', 'b', 'c']) await store.putIntent(runId, name, `value of ${name}`)
    await store.close()
    const path = join(dir, `${runId}.control.jsonl`)
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.replace('value of b', 'value of X'))
    appendFileSync(path, '{"name": "d", "val')
    const { store: again, damage } = openFolder(dir)
    expect([...(await again.intents(runId))]).toEqual([
      ['a', 'value of a'],
      ['c', 'value of c'],
    ])
    expect(damage).toEqual([
      { file: path, offset: text.indexOf('\n') + 1, problem: 'unreadable_line' },
      { file: path, offset: text.length, problem: 'torn_tail' },
    ])
    expect(await again.putIntent(runId, 'd', 'new')).toBe('new')
    await again.close()
    expect((await openFolder(dir).store.intents(runId)).get('d')).toBe('new')
  })
})
