import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it, onTestFinished, vi } from 'vitest'

import {
  type FakeProvider,
  type Intervene,
  startFakeProvider,
} from '../../cassette/test/migrate/fake-provider.ts'
import { resultOf, runCommand, startCommand } from './command.ts'
import { temporaryFolder } from './recording-folder.ts'
import { runHere } from './run-here.ts'
import { corpusOf } from './sample-corpus.ts'

const KEY = 'sk-ant-api03-0123456789abcdefghijklmnopqrstuvwxyz'
const TARGET = ['--target', 'claude-haiku-4-5']

async function fakeProvider(intervene?: Intervene): Promise<FakeProvider> {
  const provider = await startFakeProvider(intervene)
  onTestFinished(() => provider.close())
  return provider
}

const migrate = (corpus: string, { baseUrl }: FakeProvider, ...more: readonly string[]) =>
  ['migrate', '--corpus', corpus, ...TARGET, '--target-url', baseUrl, '--format', 'console', ...more] as const

const answersIn = (corpus: string) => readdirSync(corpus).filter((name) => name.startsWith('migration__'))

/** All that a folder holds, as one text. */
const contentOf = (folder: string) =>
  readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n')

describe('agent-stream migrate', { timeout: 120_000 }, () => {
  it('asks for 300 prompts once, and sends no request the second time', async () => {
    vi.stubEnv('ANTHROPIC_API_KEY', KEY)
    onTestFinished(() => void vi.unstubAllEnvs())
    const provider = await fakeProvider()
    const [corpus, out] = [await corpusOf(300), temporaryFolder()]
    const first = await runCommand(...migrate(corpus, provider, '--json'))
    expect(first.stderr).toBe('')
    expect(JSON.parse(first.stdout)).toMatchObject({
      target: 'claude-haiku-4-5',
      baselines: ['gpt-4o-mini-2024-07-18'],
      counts: { compared: 300, skipped: 0, errored: 0, cached: 0, live: 300 },
      summary: [
        { comparator: 'exact', compared: 300, passed: 270, pass_rate: 0.9 },
        { comparator: 'fuzzy', compared: 300, passed: 270 },
      ],
    })
    expect(provider.requests).toHaveLength(300)

    const second = await runCommand(
      ...migrate(corpus, provider, '--json', '--format', 'all', '--out', join(out, 'r')),
    )
    expect(JSON.parse(second.stdout).counts).toMatchObject({ compared: 300, cached: 300, live: 0 })
    expect(provider.requests).toHaveLength(300)
    expect(readdirSync(out).sort()).toEqual(['r.html', 'r.json', 'r.junit.xml', 'r.md'])
    expect(contentOf(corpus) + contentOf(out) + first.stdout + second.stdout).not.toContain(KEY.slice(0, 24))
  })

  it('goes on where it was killed', async () => {
    const provider = await fakeProvider()
    const corpus = await corpusOf(300)
    const child = startCommand(...migrate(corpus, provider, '--json'))
    const ended = once(child, 'close')
    await vi.waitFor(() => expect(answersIn(corpus).length).toBeGreaterThan(20), {
      timeout: 60_000,
      interval: 20,
    })
    child.kill('SIGKILL')
    await ended
    const kept = answersIn(corpus).length
    expect(kept).toBeLessThan(300)
    const asked = provider.requests.length
    const { stdout } = await runCommand(...migrate(corpus, provider, '--json'))
    const { counts } = JSON.parse(stdout)
    expect(counts).toMatchObject({ compared: 300, errored: 0 })
    expect(counts.cached).toBeGreaterThanOrEqual(kept)
    // What was under way when it was killed is all that is asked twice.
    expect(provider.requests.length - asked).toBe(counts.live)
    expect(provider.requests.length).toBeLessThanOrEqual(300 + 8)
  })

  it('ends cleanly on Ctrl-C, and says that it can go on', async () => {
    const provider = await fakeProvider((_request, _response, number) => number > 5)
    const corpus = await corpusOf(20)
    const child = startCommand(...migrate(corpus, provider))
    const result = resultOf(child)
    await vi.waitFor(() => expect(provider.requests.length).toBeGreaterThan(5), {
      timeout: 60_000,
      interval: 20,
    })
    child.kill('SIGINT')
    expect(await result).toMatchObject({
      exitCode: 1,
      stderr: 'agent-stream: interrupted; the answers so far are kept, and the next run goes on\n',
    })
    expect(answersIn(corpus)).toHaveLength(5)
  })

  it('shows what it came to', async () => {
    const provider = await fakeProvider()
    const { stdout, exitCode } = await runHere(...migrate(await corpusOf(20), provider))
    expect(stdout).toContain(
      'gpt-4o-mini-2024-07-18 → claude-haiku-4-5: 20 compared (0 cached, 20 live), 0 skipped, 0 errored',
    )
    expect(stdout).toMatch(/^COMPARATOR {2}PASSED {2}PASS RATE {2}95 % INTERVAL {2}MEAN SCORE$/m)
    expect(stdout).toMatch(/^exact +18\/20 +90 % +70–97 % +0.90$/m)
    expect(stdout).toMatch(/^tracking +10 +80 % +80 %$/m)
    expect(stdout).toContain('strict gate: failed, not all comparisons passed: exact 2, fuzzy 2')
    expect(exitCode).toBe(0)
  })

  it('fails by the gate, or by thresholds, if it is to be strict', async () => {
    const provider = await fakeProvider()
    const corpus = await corpusOf(20)
    const run = async (...more: readonly string[]) =>
      (await runHere(...migrate(corpus, provider, '--strict', ...more))).exitCode
    expect(await run()).toBe(1)
    expect(await run('--min-pass', 'fuzzy=0.9')).toBe(0)
    expect(await run('--min-pass', 'fuzzy=0.9', '--min-pass', 'exact=0.95')).toBe(1)
  })

  it('says what it would do, without asking', async () => {
    const provider = await fakeProvider()
    const corpus = await corpusOf(12)
    await runHere(...migrate(corpus, provider, '--limit', '2'))
    const { stdout } = await runHere(...migrate(corpus, provider, '--dry-run', '--json', '--samples', '2'))
    expect(JSON.parse(stdout)).toMatchObject({
      prompts: 12,
      cached: 2,
      requests: 22,
      input_tokens: 440,
      output_tokens: 220,
    })
    expect(provider.requests).toHaveLength(2)
  })

  it.each([
    [['--target', 'gpt-5'], 'gpt-5 needs an API key: set OPENAI_API_KEY'],
    [['--target', 'llama-9'], '--target llama-9: its name tells no provider; name one by --target-provider'],
    [['--target', 'x', '--target-provider', 'acme'], '--target-provider: There is no provider "acme"'],
    [[...TARGET, '--compare', 'nearly'], '--compare: There is no comparator "nearly"'],
    [[...TARGET, '--min-pass', 'judge=0.9'], '--min-pass judge: this run compares by exact, fuzzy'],
  ])('refuses %j in one sentence', async (args, said) => {
    vi.stubEnv('OPENAI_API_KEY', '')
    onTestFinished(() => void vi.unstubAllEnvs())
    const corpus = await corpusOf(1)
    const { stderr, stdout, exitCode } = await runHere('migrate', '--corpus', corpus, ...args)
    expect(stderr).toMatch(said)
    expect(stderr.split('\n')).toHaveLength(1)
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 })
  })

  it('takes no folder that is not there for an empty corpus', async () => {
    const { stderr, exitCode } = await runHere('migrate', '--corpus', '/none', ...TARGET)
    expect({ stderr, exitCode }).toEqual({ stderr: '/none: no such file or folder', exitCode: 1 })
  })

  it('passes over what is no cassette, and says so', async () => {
    const provider = await fakeProvider()
    const corpus = await corpusOf(2)
    writeFileSync(join(corpus, 'torn.json'), '{"version"')
    const { stdout, stderr } = await runHere(...migrate(corpus, provider, '--json'))
    expect(JSON.parse(stdout).counts.compared).toBe(2)
    expect(stderr).toContain('passed over: torn.json')
  })
})

describe('agent-stream report', { timeout: 60_000 }, () => {
  it('says the same offline, and writes the files that it is asked for', async () => {
    const provider = await fakeProvider()
    const [corpus, out] = [await corpusOf(20), temporaryFolder()]
    const live = JSON.parse((await runHere(...migrate(corpus, provider, '--json'))).stdout)
    await provider.close()
    const args = ['report', '--corpus', corpus, ...TARGET, '--json', '--out-dir', out]
    const { stdout, stderr, exitCode } = await runHere(...args)
    const offline = JSON.parse(stdout)
    expect(offline.summary).toEqual(live.summary)
    expect(offline.files).toEqual([
      expect.stringMatching(/\/migration-report__claude-haiku-4-5__\d{8}-\d{6}\.md$/),
      expect.stringMatching(/\.html$/),
    ])
    expect(readFileSync(offline.files[0], 'utf8')).toContain(
      '# Migration Report — gpt-4o-mini-2024-07-18 → claude-haiku-4-5',
    )
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
  })

  it('understands the options of migrate that say how, though it asks nobody', async () => {
    const corpus = await corpusOf(1)
    const options = ['--max-tokens', '100', '--concurrency', '2', '--format', 'console']
    expect((await runHere('report', '--corpus', corpus, ...TARGET, ...options)).exitCode).toBe(0)
  })

  it('is no pass where nothing was recorded', async () => {
    const { stderr, exitCode } = await runHere(
      'report',
      '--corpus',
      await corpusOf(2),
      ...TARGET,
      '--format',
      'console',
      '--strict',
    )
    expect(stderr).toBe('nothing was compared')
    expect(exitCode).toBe(1)
  })
})
