import { describe, expect, it } from 'vitest'
import { promptText, renderResponse } from '../../src/conversation/prompt-text.ts'
import { answer } from '../compare/answer.ts'

describe('promptText', () => {
  it('is the message where there is one alone', () => {
    expect(promptText({ system: null, messages: [{ role: 'user', content: 'Hi' }] })).toBe('Hi')
  })

  it('marks roles, calls and results', () => {
    const text = promptText({
      system: 'Be brief.',
      messages: [
        {
          role: 'user',
          content: 'Look',
          parts: [
            { type: 'text', text: 'Look' },
            { type: 'image', url: 'https://x' },
          ],
        },
        {
          role: 'assistant',
          content: '',
          toolCalls: [
            { id: 'a', name: 'add', arguments: { b: 1, a: 'é' } },
            { id: 'b', name: 'odd', arguments: '{' },
          ],
        },
        { role: 'tool', toolCallId: 'a', content: '5' },
        { role: 'assistant', content: 'Five.' },
      ],
    })
    expect(text.split('\n\n')).toEqual([
      '[system] Be brief.',
      '[user] Look[image]',
      '[assistant tool_call] add({"a": "é", "b": 1})',
      '[assistant tool_call] odd({)',
      '[tool result] 5',
      '[assistant] Five.',
    ])
  })
})

describe('renderResponse', () => {
  it('is the text, then a line for each call', () => {
    expect(renderResponse(answer('Hi'))).toBe('Hi')
    expect(renderResponse(answer('', [{ id: null, name: 'now', arguments: {} }]))).toBe('[tool_call] now({})')
    expect(renderResponse({ ...answer(''), refusal: 'I cannot.' })).toBe('I cannot.')
  })
})
