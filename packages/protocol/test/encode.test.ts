import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  type AgentEvent,
  createSseReader,
  decodeEvent,
  encodeEvent,
  encodePayload,
  type SseMessage,
} from '../src/index.ts'
import { anyEvent } from './arbitrary.ts'

function messagesOf(wire: string): SseMessage[] {
  const messages: SseMessage[] = []
  createSseReader({ onMessage: (message) => messages.push(message) }).feed(wire)
  return messages
}

describe('encodeEvent', () => {
  it('is undone by reading and decoding, for any event', () => {
    fc.assert(
      fc.property(anyEvent(), fc.option(fc.integer({ min: 1 }), { nil: undefined }), (event, seq) => {
        const [message, ...others] = messagesOf(encodeEvent(event, seq))
        expect(others).toEqual([])
        expect(message?.id).toBe(seq === undefined ? undefined : String(seq))
        expect(decodeEvent(message as SseMessage)).toEqual(event)
      }),
      { numRuns: 1000 },
    )
  })

  it('writes the event name, the number as id, and the payload in snake_case', () => {
    const event: AgentEvent = { type: 'turn', turnNumber: 2, totalTools: 1 }
    expect(encodeEvent(event, 7)).toBe('id: 7\nevent: turn\ndata: {"turn_number":2,"total_tools":1}\n\n')
    expect(encodeEvent(event)).toBe('event: turn\ndata: {"turn_number":2,"total_tools":1}\n\n')
  })

  it('keeps a line feed inside the text from ending the message', () => {
    expect(messagesOf(encodeEvent({ type: 'token', text: 'a\n\nb\r\u2028' }))).toHaveLength(1)
  })
})

describe('encodePayload', () => {
  it('leaves the keys of application data alone', () => {
    const input = { userName: 'Ann', nested_key: [{ aB: 1 }] }
    const event: AgentEvent = {
      type: 'tool_use',
      toolName: 'search',
      toolUseId: 't1',
      inputSummary: '',
      status: 'running',
      input,
    }
    expect(encodePayload(event)).toMatchObject({ tool_name: 'search', input })
  })

  it('renames the keys inside usage, final packet and plan steps', () => {
    expect(encodePayload({ type: 'plan_created', steps: [{ stepId: 'a', title: 'A' }] })).toEqual({
      steps: [{ step_id: 'a', title: 'A' }],
    })
  })

  it('throws a TypeError that names an event type it does not know', () => {
    expect(() => encodePayload({ type: 'ping' } as unknown as AgentEvent)).toThrow(
      new TypeError('encodePayload: "ping" is not an event type; see AgentEventType'),
    )
  })
})
