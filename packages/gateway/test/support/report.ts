import type { CallReport } from '../../src/observe/call-report.ts'

/** A call that went well. */
export function someReport(overrides: Partial<CallReport> = {}): CallReport {
  return {
    call: 'c1',
    startedAt: '2026-01-02T03:04:05.678Z',
    target: 'api.openai.com',
    method: 'POST',
    path: '/v1/chat/completions?x=1',
    status: 200,
    provider: 'openai',
    server: 'api.openai.com',
    operation: 'chat',
    requestModel: 'gpt-4o',
    responseModel: 'gpt-4o-2024-08-06',
    isStream: true,
    outcome: 'complete',
    durationMs: 1234.5,
    firstByteMs: 200,
    ttftMs: 250,
    gapsMs: [10, 30, 20],
    outputMessages: 20,
    tokensPerSecond: 41.25,
    usage: { input: 10, cacheRead: 90, output: 20, reasoning: 5 },
    costUsd: 0.0012,
    finishReason: 'stop',
    requestBytes: 100,
    responseBytes: 2000,
    chunks: 20,
    upstream: { buffering: 'streams', because: '20 messages came over 900 ms', advice: [] },
    clientStalledMs: 0,
    recording: 'on',
    ...overrides,
  }
}
