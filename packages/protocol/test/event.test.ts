import { describe, expect, it } from 'vitest'

import { payloadOf } from '../src/index.ts'

describe('payloadOf', () => {
  it('is the event without its name', () => {
    const event = { type: 'token', text: 'a' } as const
    expect(payloadOf(event)).toEqual({ text: 'a' })
    expect(event.type).toBe('token')
  })
})
