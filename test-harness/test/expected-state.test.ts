import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { endStateOf, expectedFileOf, expectedState } from '../src/expected-state.ts'
import { runRecording } from '../src/index.ts'
import { parallelTools } from './fixtures/sessions.ts'
import { runSuite } from './run-suite.ts'

let folder: string
let file: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'agent-stream-expected-'))
  file = join(folder, 'night.expected.json')
})

afterEach(() => rmSync(folder, { recursive: true }))

const written = () => JSON.parse(readFileSync(file, 'utf8')) as unknown

describe('the expected state', () => {
  it('stands beside its recording', () => {
    expect(expectedFileOf('a/night.jsonl')).toBe('a/night.expected.json')
    expect(expectedFileOf('a/night.log')).toBe('a/night.log.expected.json')
  })

  it('holds what is not empty, and names tools among the parts by their place', async () => {
    const state = endStateOf(await runRecording(parallelTools))
    expect(state).toMatchObject({ status: 'done', outcome: 'complete' })
    expect(state.parts).toMatchObject([
      { type: 'text' },
      { type: 'tool', tool: 0 },
      { type: 'tool', tool: 1 },
      { type: 'text' },
    ])
    for (const key of ['steps', 'sources', 'error', 'isDone', 'thinking', 'seq'])
      expect(state).not.toHaveProperty(key)
  })

  it('is written when it is missing, session by session, and stays as it is after', () => {
    expect(expectedState(file, 's1', { text: 'a' }, 'new')).toEqual({ text: 'a' })
    expectedState(file, 's2', { text: 'b' }, 'new')
    expect(expectedState(file, 's1', { text: 'changed' }, 'new')).toEqual({ text: 'a' })
    expect(written()).toEqual({ sessions: { s1: { text: 'a' }, s2: { text: 'b' } } })
    expect(readdirSync(folder)).toEqual(['night.expected.json'])
  })

  it('is written anew in an update, which forgets sessions that the recording lacks', () => {
    for (const id of ['s1', 's2', 'gone']) expectedState(file, id, { text: 'a' }, 'new')
    expect(expectedState(file, 's1', { text: 'b' }, 'all', ['s1', 's2'])).toEqual({ text: 'b' })
    expect(written()).toEqual({ sessions: { s1: { text: 'b' }, s2: { text: 'a' } } })
  })

  it('is never written in CI', () => {
    expect(() => expectedState(file, 's1', {}, 'none')).toThrow(
      /no expected state of session s1, and none is written in CI\. Run the tests on your own machine/,
    )
    expect(readdirSync(folder)).toEqual([])
    expectedState(file, 's1', { text: 'a' }, 'new')
    expect(expectedState(file, 's1', { text: 'b' }, 'none')).toEqual({ text: 'a' })
  })

  it.each(['{"sess', '[]', '{"sessions": null}'])('is not read from a file of something else: %s', (text) => {
    writeFileSync(file, text)
    expect(() => expectedState(file, 's1', {}, 'all')).toThrow(/holds no expected states.*Delete it/)
    expect(readFileSync(file, 'utf8')).toBe(text)
  })
})

describe('describeRecordings and Vitest', { timeout: 60_000 }, () => {
  const title = 'ends in the expected state'
  const run = (env: Record<string, string> = {}, ...flags: string[]) =>
    runSuite('folder', { RECORDINGS: folder, ...env }, ...flags)

  it('writes on the first run, compares after, updates with -u, and writes nothing in CI', async () => {
    const recording = join(folder, 'night.jsonl')
    cpSync(join(import.meta.dirname, 'recordings/parallel-tools.jsonl'), recording)

    const inCi = await run({ CI: '1' })
    expect(inCi.failed[title]).toContain('none is written in CI')
    expect(readdirSync(folder)).toEqual(['night.jsonl'])

    expect(await run()).toMatchObject({ isPassed: true })
    const first = readFileSync(file, 'utf8')
    expect(first).toContain('your lamp ships today')

    const text = readFileSync(recording, 'utf8').replace('ships today', 'ships tomorrow')
    writeFileSync(recording, text)
    const changed = await run()
    expect(Object.keys(changed.failed)).toEqual([title])
    expect(changed.failed[title]).toMatch(/if it is right, run vitest -u:\s+text is .*ships tomorrow/)
    expect(readFileSync(file, 'utf8')).toBe(first)

    expect(await run({}, '-u')).toMatchObject({ isPassed: true })
    expect(readFileSync(file, 'utf8')).toBe(first.replaceAll('ships today', 'ships tomorrow'))
    expect(await run({ CI: '1' })).toMatchObject({ isPassed: true })
  })

  it('fails where nothing is found, where a file holds no session, and where lines are damaged', async () => {
    expect((await run()).failed['are found']).toMatch(/no file in .* matches \*\*\/\*\.jsonl/)

    const log = readFileSync(join(import.meta.dirname, 'recordings/run-log.jsonl'), 'utf8')
    const damaged = join(folder, 'night.jsonl')
    writeFileSync(damaged, log.replace('"lamp"', '"lump"'))
    expect((await run()).failed['is whole']).toContain('line 6: the checksum does not fit the line')
    writeFileSync(damaged, 'Lorem ipsum\n')
    expect((await run()).failed['is whole']).toContain('holds no session: line 1: not JSON: Lorem ipsum')
  })
})
