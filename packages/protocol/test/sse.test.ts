import { describe, expect, it } from 'vitest'

import { AgentStreamError, createSseReader, MAX_MESSAGE_CHARS, type SseLimits } from '../src/index.ts'

function read(chunks: readonly (string | Uint8Array)[], limits?: SseLimits): string[] {
  const data: string[] = []
  const reader = createSseReader({ onMessage: (message) => data.push(message.data) }, limits)
  for (const chunk of chunks) reader.feed(chunk)
  return data
}

function errorOf(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}

describe('createSseReader', () => {
  it('reads decoded text and bytes alike', () => {
    expect(read(['data: 🦅\n', '\n'])).toEqual(['🦅'])
    expect(read([Buffer.from('data: 🦅\n\n')])).toEqual(['🦅'])
  })

  it('allows 16 Mi characters a message unless told otherwise', () => {
    expect(MAX_MESSAGE_CHARS).toBe(16_777_216)
  })

  it('refuses a message over the limit, in one chunk or in pieces, and says the limit', () => {
    const message = `data: ${'x'.repeat(200)}\n\n`
    for (const chunks of [[message], [...message]]) {
      const error = errorOf(() => read(chunks, { maxMessageChars: 100 }))
      expect(error).toBeInstanceOf(AgentStreamError)
      expect(error).toMatchObject({ code: 'message_too_large', retryable: false })
      expect((error as Error).message).toContain('more than 100 characters: raise max')
    }
  })

  it('refuses a message of many short data lines over the limit', () => {
    expect(errorOf(() => read(['data: 0123456789\n'.repeat(20)], { maxMessageChars: 100 }))).toMatchObject({
      code: 'message_too_large',
    })
  })

  it('refuses a line that does not end, before it is whole', () => {
    const pieces = Array.from({ length: 50 }, () => 'xxxx')
    expect(errorOf(() => read(['data: ', ...pieces], { maxBufferedChars: 100 }))).toMatchObject({
      code: 'message_too_large',
    })
  })

  it('has no limit for the whole stream', () => {
    expect(read(Array(100).fill('data: 0123456789\n\n'), { maxMessageChars: 20 })).toHaveLength(100)
  })

  it('keeps the messages before the one that is too large', () => {
    const data: string[] = []
    const reader = createSseReader(
      { onMessage: (message) => data.push(message.data) },
      { maxMessageChars: 10 },
    )
    expect(() => reader.feed(`data: a\n\ndata: ${'x'.repeat(11)}\n\n`)).toThrow(AgentStreamError)
    expect(data).toEqual(['a'])
  })
})
