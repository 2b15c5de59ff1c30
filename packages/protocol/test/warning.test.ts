import { describe, expect, it } from 'vitest'

import { frameWarning } from '../src/warning.ts'

describe('frameWarning', () => {
  it('keeps 200 characters of the data', () => {
    const warning = frameWarning('unknown_event', 'ping', 'x'.repeat(500), 'why')
    expect(warning).toEqual({
      type: 'warning',
      code: 'unknown_event',
      event: 'ping',
      message: 'why',
      data: 'x'.repeat(200),
    })
  })
})
