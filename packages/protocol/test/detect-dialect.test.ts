import { describe, expect, it } from 'vitest'

import { type Dialect, detectDialect } from '../src/index.ts'

/** A dialect that knows its messages by a word in their `type`, and its responses by a header. */
function byType(name: string): Dialect {
  return {
    name,
    detect: (_message, payload, headers) =>
      headers?.get('x-dialect') === name ||
      String((payload as { type?: unknown } | null | undefined)?.type).startsWith(name),
    createDecoder: () => ({ decode: () => [], end: () => [] }),
  }
}

const cat = byType('cat')
const dog = byType('dog')
const both = [cat, dog]

describe('the dialect of a response', () => {
  it('is the one that knows the message', () => {
    expect(detectDialect(both, { data: '{"type": "dog.barks"}' })).toBe(dog)
    expect(detectDialect([cat], { data: '{"type": "cat.purrs"}' })).toBe(cat)
  })

  it('is the one that knows the headers, whatever the message', () => {
    const headers = new Headers({ 'X-Dialect': 'dog' })
    expect(detectDialect(both, { data: 'oops' }, headers)).toBe(dog)
  })

  it('is the given one also where the message has a name of the protocol', () => {
    expect(detectDialect(both, { event: 'error', data: '{"type": "cat.falls"}' })).toBe(cat)
  })

  it('is the protocol itself where the message is one of its events', () => {
    expect(detectDialect(both, { event: 'token', data: '{"text": "hi"}' })).toBeNull()
    expect(detectDialect([cat], { event: 'text.delta', data: '{"delta": "hi"}' })).toBeNull()
    expect(detectDialect([], { event: 'done', data: '{}' })).toBeNull()
  })

  it('is the protocol itself also where one of its events holds what another wire might', () => {
    const choosy: Dialect = {
      ...cat,
      detect: (_message, payload) => ['choices', 'error'].some((key) => key in (payload as object)),
    }
    const detect = (event: string, data: string) => detectDialect([choosy, dog], { event, data })
    expect(detect('custom', '{"name": "vote", "choices": []}')).toBeNull()
    expect(detect('error', '{"error_type": "busy", "message": "Busy"}')).toBeNull()
    expect(detect('error', '{"error": {"message": "Busy"}}')).toBe(choosy)
    expect(detect('error', '{"type": "other", "message": "Busy"}')).toBeNull()
  })

  it('stays open while nobody knows the messages', () => {
    expect(detectDialect(both, { data: '{"type": "cow"}' })).toBeUndefined()
    expect(detectDialect(both, { data: '{"type": ' })).toBeUndefined()
    expect(detectDialect([], { data: '{}' })).toBeUndefined()
  })

  it('is the only one given where nobody knows the message', () => {
    expect(detectDialect([cat], { data: '{"type": "cow"}' })).toBe(cat)
    expect(detectDialect([cat], { data: 'null' })).toBe(cat)
  })

  it('stays open on a broken event of the protocol, also with only one given', () => {
    expect(detectDialect([cat], { event: 'token', data: '{"text": ' })).toBeUndefined()
    expect(detectDialect([cat], { event: 'token', data: '{"text": 1}' })).toBeUndefined()
  })
})
