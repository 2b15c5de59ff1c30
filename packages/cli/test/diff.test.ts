import { describe, expect, it } from 'vitest'

import { sessionReference } from '../src/session-reference.ts'
import { runCommand } from './command.ts'
import { recordingOf, V1 } from './recording-folder.ts'

const tool = (t: number, event: string, id: string, more: object = {}) =>
  V1.event(t, event, { tool_name: 'search', tool_use_id: id, ...more })

const RUNS = [
  V1.header('before'),
  V1.event(0.1, 'token', { text: 'Hello ' }),
  V1.event(0.2, 'token', { text: 'you' }),
  tool(0.3, 'tool_use', 'a', { input: { query: 'cats' } }),
  V1.event(0.4, 'turn', { turn_number: 2 }),
  tool(0.5, 'tool_result', 'a'),
  V1.event(0.6, 'done'),
  V1.header('after'),
  V1.event(0.1, 'token', { text: 'Hello you' }),
  tool(0.3, 'tool_use', 'b', { input: { query: 'dogs' } }),
  tool(0.4, 'tool_result', 'b', { status: 'error' }),
  V1.event(0.5, 'turn', { turn_number: 2 }),
  V1.event(3, 'done'),
]

describe('agent-stream diff', { timeout: 30_000 }, () => {
  it('shows what changed, moved and took longer', async () => {
    const file = recordingOf(RUNS)
    const { stdout, stderr, exitCode } = await runCommand('diff', `${file}#1`, `${file}#2`)
    expect(stdout).toBe(
      [
        '                           A                  B',
        'outcome             complete           complete',
        'duration              600 ms                3 s',
        'first token           100 ms             100 ms',
        'text, characters           9                  9',
        'events                     6                  5',
        'tool search       1 × 200 ms  1 × 100 ms, error',
        '',
        '        A       B    DELAY  STEP',
        '   0.100s  0.100s           token  "Hello you"',
        '~  0.300s  0.300s           tool_use search #1  input {"query":"cats"} → {"query":"dogs"}',
        '~  0.500s  0.400s  −100 ms  tool_result search #1  status "done" → "error"',
        '>  0.400s  0.500s           turn 2',
        '   0.600s  3.000s   +2.5 s  done',
        '',
      ].join('\n'),
    )
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 1 })
  })

  it('hides what is the same far from any difference, unless all is asked for', async () => {
    const turns = Array.from({ length: 9 }, (_, place) => V1.event(0, 'turn', { turn_number: place + 1 }))
    const a = recordingOf([V1.header('a'), ...turns])
    const b = recordingOf([V1.header('b'), ...turns, V1.event(0, 'done')])
    const hidden = await runCommand('diff', a, b)
    expect(hidden.stdout).toContain('7 steps are the same, and not shown\n')
    expect(hidden.stdout).toMatch(/^ {3}0\.000s {2}0\.000s {9}turn 8$/m)
    expect(hidden.stdout).not.toContain('turn 7')
    expect((await runCommand('diff', a, b, '--all')).stdout).toContain('turn 1')
  })

  it('says it all as JSON', async () => {
    const file = recordingOf(RUNS)
    const { stdout } = await runCommand('diff', `${file}#before`, file, '--json')
    const { a, b, is_same, steps } = JSON.parse(stdout)
    expect([a.session, b.session, is_same]).toEqual(['before', 'after', false])
    expect(steps.map(({ step, change }: { step: string; change: string }) => `${change} ${step}`)).toEqual([
      'same token',
      'changed tool_use search #1',
      'changed tool_result search #1',
      'moved turn 2',
      'same done',
    ])
    expect(steps.at(-1)).toEqual({
      step: 'done',
      change: 'same',
      a_ms: 600,
      b_ms: 3000,
      delay_ms: 2500,
      pace: 'slower',
    })
  })

  it('exits with 0 when only times differ', async () => {
    const slow = [V1.header('slow'), V1.event(9, 'token', { text: 'x' })]
    const fast = [V1.header('fast'), V1.event(1, 'token', { text: 'x' })]
    expect((await runCommand('diff', recordingOf(slow), recordingOf(fast))).exitCode).toBe(0)
  })

  it('says which session is not there', async () => {
    const file = recordingOf(RUNS)
    const { stderr, exitCode } = await runCommand('diff', `${file}#7`, file)
    expect(stderr).toBe(`agent-stream: ${file}: no session 7 among its 2; --list shows them\n`)
    expect(exitCode).toBe(1)
  })
})

describe('sessionReference', () => {
  const none = () => false

  it.each([
    ['rec.jsonl', 'rec.jsonl', { by: 'last' }],
    ['rec.jsonl#', 'rec.jsonl', { by: 'last' }],
    ['rec.jsonl#2', 'rec.jsonl', { by: 'index', index: 2 }],
    ['rec.jsonl#0f9a', 'rec.jsonl', { by: 'id', id: '0f9a' }],
    ['a#b.jsonl#1', 'a#b.jsonl', { by: 'index', index: 1 }],
  ])('reads %s', (text, file, choice) => expect(sessionReference(text, none)).toEqual({ file, choice }))

  it('takes a file for a file, whatever its name', () => {
    expect(sessionReference('a#1', () => true)).toEqual({ file: 'a#1', choice: { by: 'last' } })
  })
})
