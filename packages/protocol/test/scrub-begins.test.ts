import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { createBeginningIndex } from '../src/scrub-begins.ts'
import { fieldRules, SECRET_RULES } from '../src/scrub-rules.ts'

/** What triggers are made of, and what stands around them. */
const PIECES = [
  ...SECRET_RULES.flatMap(({ begins }) => [...begins, ...begins.map((begin) => begin.toUpperCase())]),
  ...['sk-', 'AIza', 'eyJ', 'AKIA', 'SG.', 'ya29.', 'GOCSPX-', 'AGE-SECRET-KEY-1', '123456789:AA', 'glpat-'],
  ...[
    'hooks.slack.com/services/',
    'discordapp.com/api/webhooks/',
    '-----BEGIN RSA PRIVATE KEY-----',
    '\\u0026',
  ],
  ...[
    'api_key',
    'secretKey',
    'access-token',
    'Password',
    'connection_string',
    'Authorization',
    'Cookie: ',
    'x_token',
  ],
  ...[
    'bearer ',
    'Basic ',
    'key',
    'sig',
    'X-Amz-Signature',
    ';pwd',
    '"',
    "'",
    '\\"',
    '\\n',
    ':',
    '=',
    ' ',
    '?',
    '&',
    '7',
    'é',
  ],
]

describe('the index of beginnings', () => {
  it.each(SECRET_RULES.map((rule) => [rule.kind, rule] as const))('passes over no trigger: %s', (_, rule) => {
    const index = createBeginningIndex(rule.begins)
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }), (pieces) => {
        const text = pieces.join('')
        for (const { index: at } of text.matchAll(new RegExp(rule.trigger, 'g')))
          expect(index.next(text, at), `${rule.trigger} in ${text}`).toBe(at)
      }),
      { numRuns: 2000 },
    )
  })

  it.each(['a', 'id', 'ssn', 'größe', '👛wallet'])('finds the key %s of a caller in any case', (key) => {
    const [rule] = fieldRules(key, 'key', [`${key}"`])
    const index = createBeginningIndex(rule?.begins ?? [])
    for (const text of [
      `{"${key}":"x"}`,
      `{"${key.replace(/[a-z]/g, (letter) => letter.toUpperCase())}":"x"}`,
    ])
      expect(index.next(text, 2)).toBe(2)
  })

  it('goes on from where it is told, and ends', () => {
    const index = createBeginningIndex(['sk-', 'é'])
    expect([0, 1, 5].map((from) => index.next('sk- SK-', from))).toEqual([0, 4, -1])
    expect([index.next('', 0), index.next('sk', 0), index.next('of é or', 0)]).toEqual([-1, -1, 3])
  })
})
