import { describe, expect, it } from 'vitest'

import { AgentStreamError } from '../src/index.ts'

describe('AgentStreamError', () => {
  it('is an Error with a code, and its code is its error type', () => {
    const cause = new Error('socket')
    const error = new AgentStreamError('network_error', 'Lost', { retryable: true, status: 503, cause })
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({
      name: 'AgentStreamError',
      code: 'network_error',
      errorType: 'network_error',
      message: 'Lost',
      retryable: true,
      status: 503,
      cause,
    })
  })

  it('is not retryable unless it says so', () => {
    expect(new AgentStreamError('http_error', 'No').retryable).toBe(false)
  })

  it('becomes JSON as the error of a run state, without stack and cause', () => {
    const error = new AgentStreamError('http_error', 'No', { details: { a: 1 }, cause: new Error('x') })
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      errorType: 'http_error',
      message: 'No',
      details: { a: 1 },
    })
  })
})
