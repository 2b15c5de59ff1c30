import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  createRecordingReader,
  eventLine,
  headerLine,
  MAX_LINE_CHARS,
  parseRecording,
  type RecordingProblem,
} from '../src/index.ts'

const header = headerLine({ session: 's', startedAt: '' })
const line = (text: string) => eventLine({ t: 0, event: 'token', data: { text }, sid: 's' })

describe('createRecordingReader', () => {
  it('passes over a line that is too long, however it is cut, and goes on with the next', () => {
    const text = `${header}\n${line('x'.repeat(500))}\n${line('ok')}\n`
    for (const pieces of [[text], [...text]]) {
      const problems: RecordingProblem[] = []
      const events: unknown[] = []
      const reader = createRecordingReader(
        { onProblem: (problem) => problems.push(problem), onEvent: (_, event) => events.push(event.data) },
        { maxLineChars: 200 },
      )
      for (const piece of pieces) reader.feed(piece)
      reader.end()
      expect(problems).toEqual([
        { code: 'line_too_long', line: 2, message: 'line 2: more than 200 characters' },
      ])
      expect(events).toEqual([{ text: 'ok' }])
    }
    expect(MAX_LINE_CHARS).toBe(16_777_216)
  })

  it('tells a session once, before its first event', () => {
    const calls: string[] = []
    const reader = createRecordingReader({
      onSession: ({ id }) => calls.push(`session ${id}`),
      onEvent: (id) => calls.push(`event ${id}`),
    })
    reader.feed(`${header}\n${line('a')}\n${header}\n${line('b')}`)
    expect(calls).toEqual(['session s', 'event s'])
    reader.end()
    reader.end()
    expect(calls).toEqual(['session s', 'event s', 'event s'])
  })

  it('needs no handler', () => {
    const reader = createRecordingReader({})
    reader.feed(`nonsense\n${header}\n${line('a')}\n`)
    reader.end()
  })
})

describe('parseRecording', () => {
  it('never throws, and accounts for every line that is not empty', () => {
    const anyLine = fc.oneof(
      fc.json({ maxDepth: 2 }),
      fc.string(),
      fc.constantFrom(
        header,
        line('a'),
        line('b').slice(0, -3),
        '{"t": 1, "event": "session_end", "sid": "s"}',
      ),
    )
    fc.assert(
      fc.property(fc.array(anyLine, { maxLength: 10 }), (lines) => {
        const single = lines.map((text) => text.replaceAll('\n', ' '))
        const { sessions, problems } = parseRecording(single.join('\n'))
        for (const { line: number } of problems) expect(single[number - 1]?.trim()).not.toBe('')
        const kept = sessions.reduce((sum, { events }) => sum + events.length, 0)
        expect(kept + problems.length).toBeLessThanOrEqual(single.length)
      }),
      { numRuns: 500 },
    )
  })

  it('says in a problem which line it was and what stood there', () => {
    expect(parseRecording(`${header}\nTraceback (most recent call last):\n`).problems).toEqual([
      { code: 'not_json', line: 2, message: 'line 2: not JSON: Traceback (most recent call last):' },
    ])
  })

  it('reads a session id that objects treat specially', () => {
    const { sessions } = parseRecording(eventLine({ t: 0, event: 'token', data: {}, sid: '__proto__' }))
    expect(sessions.map(({ id }) => id)).toEqual(['__proto__'])
  })
})
