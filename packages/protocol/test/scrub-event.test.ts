import { describe, expect, it } from 'vitest'

import { createEventScrubber, createScrubber, type ScrubOptions } from '../src/scrub.ts'

type Event = readonly [name: string, data: unknown]

/** The events, and after which push each of them came. */
function scrub(events: readonly Event[], options?: ScrubOptions) {
  const scrubbed: Event[] = []
  const cameAfter: number[] = []
  let pushed = -1
  const scrubber = createEventScrubber<string>(createScrubber(options), (data, name) => {
    scrubbed.push([name, data])
    cameAfter.push(pushed)
  })
  for (const [name, data] of events) {
    pushed++
    scrubber.push(name, data, name)
  }
  pushed++
  scrubber.end()
  return { scrubbed, cameAfter }
}

const token = (text: string, more = {}): Event => ['token', { text, ...more }]

describe('createEventScrubber', () => {
  it('passes events without secrets on as they are, at once', () => {
    const events: Event[] = [token('Hello, '), token('be'), ['progress', { step: 'x' }], ['done', {}]]
    const { scrubbed, cameAfter } = scrub(events)
    expect(scrubbed.map(([, data]) => data)).toEqual(events.map(([, data]) => data))
    for (const [i, [, data]] of scrubbed.entries()) expect(data).toBe(events[i]?.[1])
    expect(cameAfter).toEqual([0, 1, 2, 3])
  })

  it('finds a secret over tokens between which other events came, and says so in done', () => {
    const { scrubbed, cameAfter } = scrub([
      token('key: sk-ant-', { message_id: 'm1' }),
      ['thinking', { text: 'hm' }],
      ['progress', { step: 'x' }],
      token('0123456789', { message_id: 'm1' }),
      token('abcdef'),
      token(' ok'),
      ['done', { num_turns: 1 }],
    ])
    expect(scrubbed).toEqual([
      token('key: sk-[REDACTED:api-key]', { message_id: 'm1' }),
      ['thinking', { text: 'hm' }],
      ['progress', { step: 'x' }],
      token('', { message_id: 'm1' }),
      token(''),
      token(' ok'),
      ['done', { num_turns: 1, redacted: true }],
    ])
    expect(cameAfter).toEqual([4, 4, 4, 4, 4, 5, 6])
  })

  it('keeps texts apart: branches, blocks, thinking and the arguments of each tool', () => {
    const texts = ['sk-', '0123456', '789abc', 'def01234']
    const lanes: ((text: string) => Event)[] = [
      (text) => token(text),
      (text) => token(text, { branch_id: 'b' }),
      (text) => token(text, { block_id: 'c' }),
      (text) => ['thinking', { text }],
      (delta) => ['tool_input_delta', { tool_use_id: 't1', delta }],
      (delta) => ['tool.input_delta', { toolUseId: 't2', delta }],
      (delta) => ['text.delta', { delta, branchId: 'd' }],
      (content) => ['message', { choices: [{ delta: { content } }] }],
      (text) => ['content_block_delta', { index: 1, delta: { type: 'text_delta', text } }],
    ]
    const { scrubbed } = scrub(texts.flatMap((text) => lanes.map((lane) => lane(text))))
    const expected = ['sk-', '[REDACTED:api-key]', '', '']
    expect(scrubbed).toEqual(expected.flatMap((text) => lanes.map((lane) => lane(text))))
  })

  it('keeps the choices of one answer apart, and its tool calls', () => {
    const choice = (index: number, content: string): Event => [
      'message',
      { choices: [{ index, delta: { content } }] },
    ]
    const call = (index: number, text: string): Event => [
      'message',
      { choices: [{ index: 0, delta: { tool_calls: [{ index, function: { arguments: text } }] } }] },
    ]
    for (const fragment of [choice, call]) {
      const events = [
        fragment(0, 'sk-ant-0123'),
        fragment(1, 'fine '),
        fragment(0, '456789abcdef'),
        fragment(1, 'day'),
      ]
      const text = JSON.stringify(scrub(events).scrubbed)
      expect(text).not.toContain('456789abcdef')
      expect(text).toMatch(/fine .*day/)
    }
  })

  it.each([
    ['Gemini', (text: string) => ({ candidates: [{ content: { parts: [{ text }] } }] })],
    ['reasoning of OpenRouter', (reasoning: string) => ({ choices: [{ delta: { reasoning } }] })],
    ['a refusal', (refusal: string) => ({ choices: [{ delta: { refusal } }] })],
    ['a completion', (text: string) => ({ choices: [{ text }] })],
  ])('finds a secret over the fragments of another wire: %s', (_, payload) => {
    const events = ['sk-ant-0123', '456789', 'abcdef'].map((text): Event => ['message', payload(text)])
    expect(JSON.stringify(scrub(events).scrubbed)).not.toMatch(/0123|456789|abcdef/)
  })

  it('redacts what keys and paths name in payloads, also the text itself', () => {
    const options = { keys: ['ssn'], paths: ['input.card', 'text'] }
    const { scrubbed } = scrub(
      [['tool_use', { input: { card: 1, ssn: 2 } }], token('Hi', { ssn: 3 })],
      options,
    )
    expect(scrubbed).toEqual([
      ['tool_use', { input: { card: '[REDACTED:path]', ssn: '[REDACTED:key]' } }],
      ['token', { text: '[REDACTED:path]', ssn: '[REDACTED:key]' }],
    ])
  })

  it('gives out at the end what turned out to be no secret', () => {
    const { scrubbed, cameAfter } = scrub([token('see sk-'), token('lear'), ['turn', { turn_number: 1 }]])
    expect(scrubbed).toEqual([token('see sk-'), token('lear'), ['turn', { turn_number: 1 }]])
    expect(cameAfter).toEqual([0, 3, 3])
  })

  it('does not hold back events without end', () => {
    const more = Array.from({ length: 1100 }, (_, i): Event => ['turn', { turn_number: i }])
    const { scrubbed, cameAfter } = scrub([token('sk-lear'), ...more])
    expect(scrubbed).toHaveLength(1101)
    expect(cameAfter[0]).toBe(1024)
  })

  it('takes payloads that are no objects', () => {
    const events: Event[] = [
      ['message', '[DONE]'],
      ['message', null],
      ['token', ['x']],
      ['token', { text: 1 }],
    ]
    expect(scrub(events).scrubbed).toEqual(events)
  })
})
