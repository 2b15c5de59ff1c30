import { describe, expect, it } from 'vitest'

import { createTargets, destinationOf } from '../../src/proxy/target.ts'

const one = createTargets([{ url: 'https://api.example.com' }])
const based = createTargets([{ url: 'https://api.example.com/base/' }])
const several = createTargets([
  { url: 'https://api.openai.com', prefix: '/openai' },
  { url: 'https://api.anthropic.com', prefix: '/openai/claude/' },
  { url: 'http://127.0.0.1:8000/v2', name: 'local' },
])

const to = (target: string, targets = one) => {
  const found = destinationOf(target, targets)
  return found && `${found.target.origin} ${found.path}`
}

describe('createTargets', () => {
  it.each([
    ['', 'The target is ""'],
    ['api.openai.com', 'The target is "api.openai.com"'],
    ['ftp://example.com', 'expected an address like https://api.openai.com'],
    ['https://user:secret@example.com', 'The target example.com has a user or a password'],
    ['https://example.com/?key=secret', 'has a query or a fragment'],
  ])('refuses %s', (url, message) => {
    const create = () => createTargets([{ url }])
    expect(create).toThrow(TypeError)
    expect(create).toThrow(message)
    expect(create).not.toThrow(/secret/)
  })

  it('refuses prefixes that are none, and those that meet', () => {
    expect(() => createTargets([{ url: 'http://a', prefix: 'openai' }])).toThrow(
      'expected a path like /openai',
    )
    const twice = ['/a', '/a/'].map((prefix) => ({ url: 'http://a', prefix }))
    expect(() => createTargets(twice)).toThrow('Two targets have the prefix "/a"')
  })

  it('names targets by their prefix, or by their host', () => {
    expect(several.map(({ name }) => name)).toEqual(['openai-claude', 'openai', 'local'])
    expect(one.map(({ name }) => name)).toEqual(['api.example.com'])
  })
})

describe('destinationOf', () => {
  it('keeps path and query as they are', () => {
    expect(to('/v1/x%2Fy?a=1&a=2&b=%20')).toBe('https://api.example.com /v1/x%2Fy?a=1&a=2&b=%20')
    expect(to('/v1/x', based)).toBe('https://api.example.com /base/v1/x')
    expect(to('/', based)).toBe('https://api.example.com /base/')
  })

  it('takes the longest prefix, and only whole segments', () => {
    expect(to('/openai/claude/v1?x', several)).toBe('https://api.anthropic.com /v1?x')
    expect(to('/openai/v1', several)).toBe('https://api.openai.com /v1')
    expect(to('/openai', several)).toBe('https://api.openai.com /')
    expect(to('/openai?x=1', several)).toBe('https://api.openai.com /?x=1')
    expect(to('/openais/v1', several)).toBe('http://127.0.0.1:8000 /v2/openais/v1')
  })

  it.each([
    ['http://evil.example/v1', 'https://api.example.com /v1'],
    ['https://evil.example', 'https://api.example.com /'],
    ['HTTP://evil.example?x=1', 'https://api.example.com /?x=1'],
    ['//evil.example/v1', 'https://api.example.com //evil.example/v1'],
    ['/\\evil.example/v1', 'https://api.example.com /\\evil.example/v1'],
    ['/@evil.example', 'https://api.example.com /@evil.example'],
  ])('lets no request choose another host: %s', (target, expected) => expect(to(target)).toBe(expected))

  it('knows no place for what is no path', () => {
    expect(['*', '', 'evil.example:443', 'ftp://evil.example/'].map((target) => to(target))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
    const onlyPrefix = createTargets([{ url: 'http://a', prefix: '/a' }])
    expect(to('/b', onlyPrefix)).toBeUndefined()
  })

  it.each(['/../x', '/a/%2e%2E/x', '/a/..', '/.%2e?x', '/a\\..\\x'])(
    'lets no path leave the base: %s',
    (path) => {
      expect(to(path, based)).toBeUndefined()
      expect(to(`/openai${path}`, several)).toBeUndefined()
    },
  )
})
