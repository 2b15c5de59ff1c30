import { describe, expect, it } from 'vitest'

import { faultArgument } from '../src/fault-argument.ts'

describe('faultArgument', () => {
  it.each([
    ['cut:5', { type: 'cut', as: 'drop', afterEvents: 5 }],
    ['cut:120b@every', { type: 'cut', as: 'drop', afterBytes: 120, request: 'every' }],
    ['close:0@2', { type: 'cut', as: 'close', afterEvents: 0, request: 2 }],
    ['stall:5:10s', { type: 'stall', afterEvents: 5, ms: 10_000 }],
    ['stall:5', { type: 'stall', afterEvents: 5, ms: Infinity }],
    ['status:503', { type: 'status', status: 503 }],
    ['status:429:1500ms', { type: 'status', status: 429, retryAfterSeconds: 2 }],
    ['refuse@3', { type: 'refuse', request: 3 }],
    ['duplicate', { type: 'duplicate' }],
    ['reorder', { type: 'reorder' }],
    ['crlf', { type: 'crlf' }],
  ])('reads %s', (text, fault) => expect(faultArgument(text)).toEqual([fault]))

  it('adds to those before', () => {
    expect(faultArgument('crlf', faultArgument('refuse'))).toEqual([{ type: 'refuse' }, { type: 'crlf' }])
  })

  it.each([
    '',
    'cut',
    'cut:x',
    'cut:5:6',
    'stall:5:10',
    'status:200',
    'refuse:1',
    'crlf@2',
    'cut:5@0',
    'melt',
  ])('refuses %j', (text) => expect(() => faultArgument(text)).toThrow('Expected a fault like cut:5'))
})
