import { describe, expect, it } from 'vitest'

import { callLine } from '../../src/calls/call-line.ts'
import { someReport } from '../support/report.ts'

describe('callLine', () => {
  it('is one line of text, without the query', () => {
    expect(callLine(someReport(), 'text')).toBe(
      '2026-01-02T03:04:05.678Z api.openai.com POST /v1/chat/completions 200 complete model=gpt-4o duration=1235ms ttft=250ms output=20 speed=41.3/s cost=$0.001200',
    )
  })

  it('says what went wrong, and what holds streams back', () => {
    const line = callLine(
      someReport({
        outcome: 'refused',
        errorType: '429',
        upstream: { buffering: 'buffered', because: 'b', advice: [] },
        downstream: { because: 'b', advice: [] },
        recording: 'dropped',
      }),
      'text',
    )
    expect(line).toContain(' refused error=429 ')
    expect(line).toMatch(/ upstream=buffered downstream=buffered\? recording=dropped$/)
  })

  it('stays one line whatever a request says', () => {
    const line = callLine(someReport({ requestModel: 'a\nb\u001b[31m c', path: '/x\r\ny' }), 'text')
    expect(line).toContain('model=a?b?[31m c')
    expect(line).toMatch(/^[\x20-\x7e]+$/)
  })

  it('is JSON, with the gaps by their middle and without what was said', () => {
    const report = someReport({ excerpt: { request: 'secret', response: 'secret' } })
    const line = callLine(report, 'json')
    expect(JSON.parse(line)).toMatchObject({ outcome: 'complete', gapMs: 20 })
    expect(line).not.toContain('secret')
    expect(line).not.toContain('gapsMs')
  })
})
