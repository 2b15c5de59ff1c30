import { readdirSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { schemaErrors } from './schema.ts'
import { specText } from './spec.ts'

const files = readdirSync(new URL('../../../spec/hostile/', import.meta.url)).filter(
  (file) => file.endsWith('.json') && file !== 'dialects.json',
)

describe('spec/schemas/hostile.schema.json', () => {
  it.each(files)('accepts spec/hostile/%s', (file) => {
    expect(schemaErrors('hostile', JSON.parse(specText(`hostile/${file}`)))).toEqual([])
  })

  it('refuses what the format does not have', () => {
    const hostileCase = { name: 'x', why: 'x', responses: [{}], expect: [{ outcome: 'complete' }] }
    const errorsOf = (more: object) =>
      schemaErrors('hostile', { description: '', cases: [{ ...hostileCase, ...more }] })
    expect(errorsOf({})).toEqual([])
    expect(errorsOf({ responses: [{ end: 'explode' }] })).not.toEqual([])
    expect(errorsOf({ responses: [{ steps: [{ waitMs: 1, raw: 'x' }] }] })).not.toEqual([])
    expect(errorsOf({ expect: [{ outcome: 'fine' }] })).not.toEqual([])
    expect(errorsOf({ expect: [] })).not.toEqual([])
    expect(errorsOf({ why: '' })).not.toEqual([])
  })
})
