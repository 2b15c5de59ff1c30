import { crc32 as zlibCrc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  crc32,
  endLine,
  eventLine,
  eventLineOf,
  hasValidChecksum,
  headerLine,
  parseRecording,
  spacedJson,
  withChecksum,
} from '../src/index.ts'
import { anyJson, anyText } from './arbitrary.ts'

/** JSON as Python's `json.dumps(value, ensure_ascii=False)` lays it out. */
function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}: ${pythonJson(item)}`)
    .join(', ')}}`
}

const anyEventLine = fc.record(
  {
    t: fc.nat(100_000).map((ms) => ms / 1000),
    event: anyText.filter((event) => event !== 'session_end'),
    data: anyJson,
    sid: fc.uuid(),
    seq: fc.integer({ min: 1 }),
  },
  { requiredKeys: ['t', 'event', 'data', 'sid'], noNullPrototype: true },
)

describe('eventLine', () => {
  it('is undone by reading, with and without a checksum', () => {
    fc.assert(
      fc.property(anyEventLine, fc.boolean(), (line, isChecked) => {
        const text = eventLine(line)
        const { sessions, problems } = parseRecording(isChecked ? withChecksum(text) : text)
        const { sid, ...event } = line
        expect(problems).toEqual([])
        expect(sessions).toMatchObject([{ id: sid, version: 2 }])
        expect(sessions[0]?.events).toEqual([event])
      }),
    )
  })

  it('separates as json.dumps does, so that a grep for the lines of both finds them', () => {
    fc.assert(
      fc.property(anyEventLine, (line) => {
        const { t, event, data, sid, seq } = line
        expect(eventLine(line)).toBe(pythonJson({ t, event, data, sid, ...(seq !== undefined && { seq }) }))
        expect(eventLine(line)).not.toMatch(/[\r\n]/)
      }),
    )
    expect(eventLine({ t: 0, event: 'error', data: {}, sid: 's' })).toContain('"event": "error"')
  })

  it('writes the time to the millisecond', () => {
    expect(eventLine({ t: 0.0414999, event: 'a', data: null, sid: 's' })).toBe(
      '{"t": 0.041, "event": "a", "data": null, "sid": "s"}',
    )
  })
})

describe('eventLineOf', () => {
  it('writes what eventLine writes, of a payload that is text already', () => {
    fc.assert(
      fc.property(anyEventLine, ({ data, ...line }) => {
        expect(eventLineOf(line, spacedJson(data))).toBe(eventLine({ data, ...line }))
      }),
    )
  })

  it('says how the run ended that the event ended', () => {
    const line = { t: 2, event: 'done', sid: 's', seq: 7, outcome: 'complete' }
    expect(eventLineOf(line, '{}')).toBe(
      '{"t": 2, "event": "done", "data": {}, "sid": "s", "seq": 7, "outcome": "complete"}',
    )
  })
})

describe('spacedJson', () => {
  it('separates as json.dumps does, whatever stands in strings', () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        expect(spacedJson(value)).toBe(pythonJson(value))
        expect(spacedJson(value)).not.toMatch(/[\r\n]/)
      }),
    )
    expect(spacedJson({ text: 'a,\n  "b": 1', list: [], empty: {} })).toBe(
      '{"text": "a,\\n  \\"b\\": 1", "list": [], "empty": {}}',
    )
  })

  it('has null for what is no JSON value', () => {
    expect(spacedJson(undefined)).toBe('null')
  })
})

describe('headerLine', () => {
  it('is undone by reading; metadata cannot replace what a header must say', () => {
    const metadata = fc.dictionary(
      fc.oneof(fc.string(), fc.constantFrom('session', 'started_at', 't', 'v', 'crc', '__proto__')),
      anyJson,
      { noNullPrototype: true },
    )
    const header = fc.record({ session: fc.uuid(), startedAt: anyText, metadata })
    fc.assert(
      fc.property(header, (given) => {
        const { sessions, problems } = parseRecording(headerLine(given))
        const { session: _, started_at, t, v, crc, ...rest } = given.metadata
        expect(problems).toEqual([])
        expect(sessions).toEqual([
          {
            id: given.session,
            startedAt: given.startedAt,
            version: 2,
            metadata: rest,
            end: null,
            events: [],
          },
        ])
      }),
    )
  })

  it('begins as the original recorder begins it', () => {
    expect(headerLine({ session: 's', startedAt: '2026-01-02T03:04:05Z', metadata: { part: 2 } })).toBe(
      '{"session": "s", "started_at": "2026-01-02T03:04:05Z", "t": 0, "v": 2, "part": 2}',
    )
  })
})

describe('endLine', () => {
  it('says how the session ended', () => {
    expect(endLine(1.5, 's', 'aborted')).toBe(
      '{"t": 1.5, "event": "session_end", "data": {"status": "aborted"}, "sid": "s"}',
    )
  })
})

describe('withChecksum', () => {
  it('adds the CRC-32 of the bytes before it', () => {
    expect(withChecksum('{"t": 1}')).toBe(`{"t": 1, "crc": "${crc32('{"t": 1')}"}`)
  })

  it('notices any changed character', () => {
    const line = withChecksum(eventLine({ t: 1, event: 'token', data: { text: 'é🦅' }, sid: 's', seq: 1 }))
    expect(hasValidChecksum(line)).toBe(true)
    for (let i = 0; i < line.indexOf(', "crc"'); i++) {
      expect(hasValidChecksum(`${line.slice(0, i)}#${line.slice(i + 1)}`), `at ${i}`).toBe(false)
    }
  })

  it('can be computed by the platform', () => {
    const zlibs = (text: string) => zlibCrc32(text).toString(16).padStart(8, '0')
    const line = eventLine({ t: 1, event: 'token', data: { text: 'é🦅' }, sid: 's' })
    expect(withChecksum(line, zlibs)).toBe(withChecksum(line))
    expect(hasValidChecksum(withChecksum(line), zlibs)).toBe(true)
    expect(hasValidChecksum(withChecksum(line), () => 'ffffffff')).toBe(false)
  })

  it('is not asked of lines without one', () => {
    expect(hasValidChecksum('{"t": 1}')).toBe(true)
  })
})
