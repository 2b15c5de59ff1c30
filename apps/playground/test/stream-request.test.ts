import { describe, expect, it } from 'vitest'
import { FAULTS, QUESTIONS, readStreamRequest } from '../server/stream-request.ts'

describe('readStreamRequest', () => {
  it('fills in the rest', () => {
    expect(readStreamRequest({ recording: 'a' })).toEqual({
      recording: 'a',
      speed: 1,
      fault: 'none',
      ask: 'none',
    })
  })

  it('takes every fault', () => {
    for (const fault of FAULTS) expect(readStreamRequest({ recording: 'a', fault })).toMatchObject({ fault })
  })

  it('takes every question', () => {
    for (const ask of QUESTIONS) expect(readStreamRequest({ recording: 'a', ask })).toMatchObject({ ask })
  })

  it.each([
    [
      undefined,
      'The body must be a JSON object such as {"recording": "sub-agent"}, not something that is not JSON.',
    ],
    [null, 'The body must be a JSON object such as {"recording": "sub-agent"}, not null.'],
    [[], 'The body must be a JSON object such as {"recording": "sub-agent"}, not a list.'],
    [{}, '"recording" must be an id from GET /api/recordings, not nothing.'],
    [{ recording: 7 }, '"recording" must be an id from GET /api/recordings, not 7.'],
    [{ recording: 'a', speed: 0 }, '"speed" must be a number above 0, at most 10000, not 0.'],
    [{ recording: 'a', speed: '2' }, '"speed" must be a number above 0, at most 10000, not "2".'],
    [{ recording: 'a', speed: 1e9 }, '"speed" must be a number above 0, at most 10000, not 1000000000.'],
    [{ recording: 'a', fault: 'fire' }, `"fault" must be one of ${FAULTS.join(', ')}, not "fire".`],
    [{ recording: 'a', ask: 1 }, '"ask" must be one of none, approval, choice, not 1.'],
  ])('says what is wrong with %j', (body, problem) => {
    expect(readStreamRequest(body)).toEqual({ problem })
  })
})
