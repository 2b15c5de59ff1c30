import { describe, expect, it } from 'vitest'

import { endToEndHeaders, headerValue } from '../../src/proxy/raw-headers.ts'

describe('endToEndHeaders', () => {
  it('keeps the order, the case and every repetition', () => {
    const headers = ['X-B', '1', 'set-cookie', 'a=1', 'x-a', 'é', 'Set-Cookie', 'b=2']
    expect(endToEndHeaders(headers)).toEqual(headers)
  })

  it('leaves out what is for one connection', () => {
    const headers = ['Connection', 'keep-alive', 'Keep-Alive', 'timeout=5', 'TE', 'trailers']
    headers.push('Transfer-Encoding', 'chunked', 'Upgrade', 'h2c', 'Proxy-Authorization', 'Basic x')
    expect(endToEndHeaders([...headers, 'x', '1'])).toEqual(['x', '1'])
  })

  it('leaves out what Connection names, in whichever of its lines', () => {
    const headers = [
      'Connection',
      'close, X-Hop',
      'x-hop',
      '1',
      'X-Other',
      '2',
      'connection',
      'x-OTHER',
      'y',
      '3',
    ]
    expect(endToEndHeaders(headers)).toEqual(['y', '3'])
  })

  it('does not let Connection take the frame of the message away', () => {
    const headers = [
      'Connection',
      'Content-Length, content-type',
      'Content-Length',
      '3',
      'Content-Type',
      'a/b',
    ]
    expect(endToEndHeaders(headers)).toEqual(headers.slice(2))
  })

  it('leaves out what it is told to', () => {
    expect(endToEndHeaders(['Host', 'a', 'b', 'c'], new Set(['host']))).toEqual(['b', 'c'])
  })
})

describe('headerValue', () => {
  it('is the first one, whatever the case of its name', () => {
    expect(headerValue(['A', '1', 'a', '2'], 'a')).toBe('1')
    expect(headerValue(['b', 'a'], 'a')).toBeUndefined()
  })
})
