import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

import { fingerprint } from '../../src/index.ts'

interface KeyCase {
  readonly name: string
  readonly method: string
  readonly url: string
  readonly body?: string
  readonly body_base64?: string
  readonly expected: Readonly<Record<'provider' | 'model' | 'cassette_id' | 'semantic_key', string | null>>
}

const file = new URL('../../../../spec/vectors/cassette/keys.json', import.meta.url)
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: KeyCase[] }

describe('fingerprint', () => {
  it.each(cases)('is what agentrec computes for $name', ({ method, url, expected, ...given }) => {
    const body =
      given.body_base64 === undefined
        ? Buffer.from(given.body ?? '')
        : Buffer.from(given.body_base64, 'base64')
    const found = fingerprint({ method, url, headers: [], body })
    expect(found).toEqual({
      provider: expected.provider,
      model: expected.model,
      cassetteId: expected.cassette_id,
      semanticKey: expected.semantic_key,
    })
  })
})
