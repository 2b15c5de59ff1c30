import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { resultOf, runCommand, startCommand } from './command.ts'
import { corpusOf } from './corpus/corpus.ts'
import { recordingOf, TWO_SESSIONS, temporaryFolder, V1 } from './recording-folder.ts'

const FAULTY = [
  V1.header('hung'),
  V1.event(0.1, 'token', { text: 'a' }),
  V1.event(0.12, 'token', { text: 'b' }),
  V1.event(0.2, 'tool_use', { tool_name: 'search', tool_use_id: '1' }),
  V1.event(0.7, 'tool_result', { tool_name: 'search', tool_use_id: '1', status: 'error' }),
  V1.event(0.8, 'tool_use', { tool_name: 'search', tool_use_id: '2' }),
]

describe('agent-stream stats', { timeout: 30_000 }, () => {
  it('counts and times what the sessions of all files show', async () => {
    const { stdout, stderr, exitCode } = await runCommand(
      'stats',
      recordingOf(TWO_SESSIONS),
      recordingOf(FAULTY),
      '--json',
    )
    expect(JSON.parse(stdout)).toEqual({
      sessions: 3,
      events: 10,
      outcomes: { complete: 1, failed: 1, truncated: 1 },
      synthetic_ends: 1,
      sessions_with_hung_tools: 1,
      ttft: { count: 2, p50_ms: 20, p95_ms: 100, p99_ms: 100, max_ms: 100 },
      inter_token: { count: 2, p50_ms: 20, p95_ms: 20, p99_ms: 20, max_ms: 20 },
      duration: { count: 3, p50_ms: 50, p95_ms: 800, p99_ms: 800, max_ms: 800 },
      tools: [
        {
          name: 'search',
          calls: 2,
          errors: 1,
          hung: 1,
          count: 1,
          p50_ms: 500,
          p95_ms: 500,
          p99_ms: 500,
          max_ms: 500,
        },
      ],
      errors: [{ error_type: 'rate_limit', sessions: 1 }],
    })
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
  })

  it('shows tables in a terminal', async () => {
    const { stdout } = await runCommand('stats', recordingOf(FAULTY))
    expect(stdout).toContain('OUTCOME    SESSIONS    SHARE\ntruncated         1  100.0 %\n')
    expect(stdout).toContain('TOOL    CALLS  ERRORS  HUNG     P50     P95     P99     MAX\n')
    expect(stdout).toContain('search      2       1     1  500 ms  500 ms  500 ms  500 ms\n')
  })

  it('reads stdin', async () => {
    const child = startCommand('stats', '-', '--json')
    child.stdin?.end(TWO_SESSIONS.join('\n'))
    expect(JSON.parse((await resultOf(child)).stdout).sessions).toBe(2)
  })

  it('counts what can be read of damaged files, and fails', async () => {
    const files = [recordingOf(['noise']), recordingOf(TWO_SESSIONS), join(temporaryFolder(), 'none.jsonl')]
    const { stdout, stderr, exitCode } = await runCommand('stats', ...files, '--json')
    expect(JSON.parse(stdout).sessions).toBe(2)
    expect(stderr.trimEnd().split('\n')).toHaveLength(2)
    expect(exitCode).toBe(1)
  })
})

describe('agent-stream query', { timeout: 30_000 }, () => {
  it('prints the sessions for which the condition holds', async () => {
    const where = 'tool_ms.search >= 500ms and hung_tools = search'
    const { stdout, exitCode } = await runCommand(
      'query',
      recordingOf([...TWO_SESSIONS, ...FAULTY]),
      '--where',
      where,
    )
    expect(stdout.trim()).toMatch(/^hung +2026-01-02T03:04:05 {2}truncated +800 ms +5 events {2}search hung$/)
    expect(exitCode).toBe(0)
  })

  it('prints them as JSON, with the fields that a condition knows but for the text', async () => {
    const file = recordingOf(FAULTY)
    const { stdout } = await runCommand('query', file, '--json')
    expect(JSON.parse(stdout)).toEqual({
      session: 'hung',
      file,
      started_at: '2026-01-02T03:04:05.123456+00:00',
      outcome: 'truncated',
      end: null,
      synthetic: true,
      reconciled: 'unchecked',
      duration_ms: 800,
      ttft_ms: 100,
      longest_pause_ms: 500,
      event_count: 5,
      events: { token: 2, tool_use: 2, tool_result: 1 },
      turns: 0,
      tools: ['search'],
      failed_tools: ['search'],
      hung_tools: ['search'],
      tool_ms: { search: 500 },
      warnings: 0,
      meta: {},
    })
  })

  it('stops at the limit, without reading on', async () => {
    const path = join(temporaryFolder(), 'corpus.jsonl')
    writeFileSync(path, [...corpusOf({ sessions: 200, tokens: 20, seed: 1 })].join(''))
    const { stdout } = await runCommand('query', path, '--limit', '3')
    expect(stdout.trim().split('\n')).toHaveLength(3)
  })

  it('refuses a condition that it cannot read', async () => {
    const { stderr, exitCode } = await runCommand(
      'query',
      recordingOf(TWO_SESSIONS),
      '--where',
      'colour = red',
    )
    expect(stderr).toContain('--where: there is no field "colour"')
    expect(exitCode).toBe(2)
  })
})
