import { describe, expect, it } from 'vitest'

import { EMPTY_RUN_STATE } from '../src/index.ts'
import { readSchema, schemaErrors } from './schema.ts'

describe('EMPTY_RUN_STATE', () => {
  it('keeps to the schema and has every key of it', () => {
    expect(schemaErrors('run-state', EMPTY_RUN_STATE)).toEqual([])
    expect(Object.keys(EMPTY_RUN_STATE)).toEqual(Object.keys(readSchema('run-state').properties ?? {}))
  })
})
