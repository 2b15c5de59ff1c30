import { describe, expect, it } from 'vitest'

import { runEnd, runEvent } from '../../../src/log/file/run-lines.ts'
import { readRunTail } from '../../../src/log/file/run-tail.ts'
import { anyRunId, END, events, STARTED_MS } from '../contract/store-under-test.ts'

const run = { runId: anyRunId(), startedMs: STARTED_MS }
const lines = (from: number, to: number) =>
  events(from, to)
    .map((event) => runEvent(run, event))
    .join('')
const tailOf = (text: string | Buffer, startsAtLine = true) =>
  readRunTail(run, { bytes: Buffer.from(text as string), startsAtLine })
const whole = { lacksLineEnd: false, isTorn: false, damagedAt: [] }

describe('readRunTail', () => {
  it('finds the last event, and that there is none', () => {
    const text = lines(7, 9)
    expect(tailOf(text)).toEqual({ last: 9, isSettled: false, keptBytes: text.length, ...whole })
    expect(tailOf('')).toEqual({ last: 0, isSettled: false, keptBytes: 0, ...whole })
  })

  it('asks for more where no event is in sight', () => {
    expect(tailOf('d of a line"}\n', false)).toBeUndefined()
    expect(tailOf(`d of a line"}\n${runEnd(run, END, false)}`, false)).toBeUndefined()
    expect(tailOf(`d of a line"}\n${lines(3, 3)}`, false)).toMatchObject({ last: 3, damagedAt: [] })
  })

  it('knows how the run ended, by its last event or its closing line', () => {
    const [last] = events(2, 2)
    if (!last) throw new Error('no event')
    const ending = runEvent(run, last, END.outcome)
    const byEvent = { last: 2, end: { atMs: last.atMs, outcome: END.outcome }, isSettled: false }
    expect(tailOf(lines(1, 1) + ending)).toMatchObject(byEvent)
    expect(tailOf(lines(1, 2) + runEnd(run, END, false))).toMatchObject({
      last: 2,
      end: END,
      isSettled: false,
    })
    const settled = ending + runEnd(run, END, false) + runEnd(run, END, true)
    expect(tailOf(settled)).toMatchObject({ last: 2, end: END, isSettled: true })
    // Behind the last event there is none that could be lost.
    expect(tailOf(`${ending}${'#'.repeat(500)}\n`)).toMatchObject({ last: 2 })
  })

  it('keeps a number for each event that may have been in what cannot be read', () => {
    const before = lines(1, 4)
    const lost = lines(5, 6)
    for (const filler of ['#', '\0', '"seq": 2']) {
      const text = before + lost.replace(/[^\n]/g, filler[0] as string)
      expect(tailOf(text)?.last, JSON.stringify(filler)).toBeGreaterThanOrEqual(6)
    }
    expect(tailOf(before + lost.replaceAll('\n', ' ').replace(/ $/, '\n'))?.last).toBe(6)
    expect(tailOf(before + lost.replaceAll('text', 'tex\n'))?.last).toBeGreaterThanOrEqual(6)
    expect(tailOf('#\n')?.last).toBe(1)
  })

  it('takes the beginning of a line for torn, and nothing else', () => {
    const before = lines(1, 2)
    const line = lines(3, 3)
    const torn = { last: 2, keptBytes: before.length, isTorn: true, damagedAt: [] }
    for (const length of [1, 6, 30, line.length - 3]) {
      expect(tailOf(before + line.slice(0, length))).toMatchObject(torn)
    }
    const whatIsLeft = {
      keptBytes: before.length + line.length - 1,
      lacksLineEnd: true,
      isTorn: false,
      last: 3,
    }
    expect(tailOf(before + line.slice(0, -1))).toMatchObject(whatIsLeft)
    expect(tailOf(`${before}${line.slice(0, -1)}J`)).toMatchObject(whatIsLeft)
    for (const rest of [
      'garbage',
      '\0\0\0',
      `${line.slice(0, 40)}\0`,
      line.slice(0, -1) + lines(4, 4).slice(0, 50),
    ]) {
      const tail = tailOf(before + rest)
      expect(tail).toMatchObject({ lacksLineEnd: true, isTorn: false, damagedAt: [before.length] })
      expect(tail?.last).toBeGreaterThanOrEqual(3)
    }
  })

  it('takes no line of another run', () => {
    const other = runEvent({ ...run, runId: anyRunId() }, { ...events(9, 9)[0] } as never)
    expect(tailOf(lines(1, 1) + other)).toMatchObject({ damagedAt: [lines(1, 1).length] })
  })
})
