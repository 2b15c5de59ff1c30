import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { plainText } from '../src/decode.ts'
import { type AgentEvent, createSseReader, decodeEvent, decodePayload, encodePayload } from '../src/index.ts'
import { anyFrame, anyText } from './arbitrary.ts'
import { camelCased } from './spec.ts'

/** What `JSON.parse` makes of a payload with a text and nothing else. */
function parsedText(data: string): string | undefined {
  try {
    const payload = JSON.parse(data) as { readonly text?: unknown } | null
    return typeof payload?.text === 'string' && Object.keys(payload).length === 1 ? payload.text : undefined
  } catch {
    return undefined
  }
}

describe('plainText', () => {
  const payload = fc.oneof(
    fc
      .tuple(fc.constantFrom('', ' '), anyText)
      .map(([space, text]) => `{"text":${space}${JSON.stringify(text)}}`),
    // The text as it stands, escapes and control characters and all: some of it is JSON, some is not.
    fc
      .tuple(fc.constantFrom('', ' ', '  '), anyText, fc.constantFrom('', ' ', '}', '"}'))
      .map(([space, text, end]) => `{"text":${space}"${text}"}${end}`),
    fc.string(),
  )

  it('is what JSON.parse gives, or leaves the payload to it', () => {
    fc.assert(
      fc.property(payload, (data) => {
        const text = plainText(data)
        if (text !== undefined) expect(text).toBe(parsedText(data))
      }),
      { numRuns: 2000 },
    )
  })

  it('takes the text of every payload without escapes, in both spacings', () => {
    for (const text of ['', 'Hello', ' ', '🦅 é \u2028 \u007f', '/', "it's {fine}"]) {
      expect(plainText(JSON.stringify({ text }))).toBe(text)
      expect(plainText(`{"text": ${JSON.stringify(text)}}`)).toBe(text)
    }
  })

  it('keeps half of a surrogate pair, as JSON.parse does', () => {
    expect(plainText('{"text":"\ud83e"}')).toBe('\ud83e')
    expect(decodeEvent({ event: 'token', data: '{"text":"\\ud83e"}' })).toEqual({
      type: 'token',
      text: '\ud83e',
    })
  })
})

describe('decodeEvent', () => {
  it('chunk boundary: events that network chunks cut anywhere are the same events', () => {
    const wire = Buffer.from(
      'event: tool_use\ndata: {"tool_name": "search", "tool_use_id": "t1", "status": "running"}\n\n' +
        'event: token\ndata: {"text": "Grüße 🦅"}\n\nevent: done\ndata: {}\n\n',
    )
    const read = (...chunks: Uint8Array[]) => {
      const events: unknown[] = []
      const reader = createSseReader({ onMessage: (message) => events.push(decodeEvent(message)) })
      for (const chunk of chunks) reader.feed(chunk)
      return events
    }
    const whole = read(wire)
    expect(whole.map((event) => (event as AgentEvent).type)).toEqual(['tool_use', 'token', 'done'])
    for (let cut = 1; cut < wire.length; cut++) {
      expect(read(wire.subarray(0, cut), wire.subarray(cut))).toEqual(whole)
    }
  })

  it('never throws, and gives an event that survives the wire or a warning', () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        const decoded = decodeEvent(frame)
        if (decoded.type === 'warning') {
          expect(['malformed_frame', 'unknown_event']).toContain(decoded.code)
          return
        }
        const wire = JSON.stringify(encodePayload(decoded))
        expect(decodeEvent({ event: decoded.type, data: wire })).toEqual(decoded)
      }),
      { numRuns: 1000 },
    )
  })

  it('reads camelCase like snake_case', () => {
    const wire = {
      tool_name: 'search',
      tool_use_id: 't1',
      output_summary: 'x',
      duration_ms: 3,
      status: 'error',
    }
    expect(decodePayload('tool_result', camelCased(wire))).toEqual(decodePayload('tool_result', wire))
  })

  it('says in a warning which fields are missing, and keeps an excerpt of the data', () => {
    const data = JSON.stringify({ score: 'x'.repeat(300) })
    const warning = decodeEvent({ event: 'quality_checked', data })
    expect(warning).toEqual({
      type: 'warning',
      code: 'malformed_frame',
      event: 'quality_checked',
      data: data.slice(0, 200),
      message: '"quality_checked" event without a valid check, passed',
    })
  })
})

describe('decodePayload', () => {
  it('takes the excerpt of a warning from the payload where there is no text', () => {
    expect(decodePayload('token', { text: 1 })).toMatchObject({ code: 'malformed_frame', data: '{"text":1}' })
    expect(decodePayload('ping', undefined)).toMatchObject({ code: 'unknown_event', data: '' })
  })
})
