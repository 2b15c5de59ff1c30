import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { fileStore } from '@agent-stream/cassette'
import { describe, expect, it } from 'vitest'

import { resultOf, runCommand, startCommand } from './command.ts'
import { temporaryFolder } from './recording-folder.ts'
import { runHere } from './run-here.ts'
import { corpusOf } from './sample-corpus.ts'

const EXPORTS = join(import.meta.dirname, '../../cassette/test/import/exports')

describe('agent-stream import', { timeout: 60_000 }, () => {
  it('says what it passed over, and why', async () => {
    const corpus = join(temporaryFolder(), 'corpus')
    const input = join(EXPORTS, 'langfuse-api.json')
    const { stdout, stderr } = await runCommand(
      'import',
      '--input',
      input,
      '--corpus',
      corpus,
      '--category',
      'prod',
    )
    expect(stdout).toBe(`${corpus}: 2 imported from langfuse, 3 passed over\n`)
    expect(stderr).toContain(`${input}: record 3 (span-1): it is a span, not a generation`)
    const cassette = await fileStore(corpus).read({ id: 'imported__langfuse__gen-tools', occurrence: 1 })
    expect(cassette?.metadata).toMatchObject({ imported: true, imported_from: 'langfuse', category: 'prod' })
  })

  it('makes the same cassettes of the same export, from stdin', async () => {
    const corpus = join(temporaryFolder(), 'corpus')
    const call = {
      id: 'a',
      type: 'GENERATION',
      traceId: 't',
      model: 'gpt-4o',
      input: 'hi',
      output: 'My key is sk-proj-abcdefghijklmnopqrstuvwxyz0123',
    }
    const load = async () => {
      const child = startCommand('import', '--input', '-', '--corpus', corpus)
      child.stdin?.end(JSON.stringify(call))
      return resultOf(child)
    }
    await load()
    await load()
    expect(readdirSync(corpus)).toHaveLength(1)
    const cassette = await fileStore(corpus).read({ id: 'imported__langfuse__a', occurrence: 1 })
    expect(Buffer.from(cassette?.exchange.chunks[0]?.bytes ?? []).toString()).not.toContain('sk-proj-abc')
  })

  it.each([
    ['{"a": 1}', 'no export of Langfuse, LangSmith or OpenTelemetry'],
    ['', 'no export of Langfuse, LangSmith or OpenTelemetry'],
  ])('takes %j for no export', async (text, said) => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'x.json'), text)
    const { stderr, exitCode } = await runHere(
      'import',
      '--input',
      join(folder, 'x.json'),
      '--corpus',
      folder,
    )
    expect(stderr).toContain(said)
    expect(exitCode).toBe(2)
  })
})

describe('agent-stream annotate', { timeout: 60_000 }, () => {
  it('gives categories by rules, and keeps those that are there', async () => {
    const corpus = await corpusOf(12)
    const args = ['annotate', '--corpus', corpus, '--rule', 'ten=order 1\\d', '--json']
    expect(JSON.parse((await runHere(...args)).stdout)).toMatchObject({
      cassettes: 12,
      categories: { tracking: 6, returns: 6 },
    })
    const replaced = await runHere(...args, '--replace')
    expect(JSON.parse(replaced.stdout)).toMatchObject({
      changed: 3,
      categories: { ten: 3, tracking: 4, returns: 5 },
    })
    expect(JSON.parse((await runHere(...args, '--replace')).stdout)).toMatchObject({ changed: 0 })
  })

  it('gives categories from a CSV file, and names ids that it does not find', async () => {
    const corpus = await corpusOf(2)
    const csv = join(temporaryFolder(), 'categories.csv')
    writeFileSync(
      csv,
      '\ufeffid,category\r\nopenai_gpt-4o-mini_0000000000000001,"late, again"\r\nnobody,x\r\n',
    )
    const { stdout, stderr, exitCode } = await runHere(
      'annotate',
      '--corpus',
      corpus,
      '--csv',
      csv,
      '--replace',
    )
    expect(stdout).toContain('late, again          1\n')
    expect(stderr).toBe(`${csv}: there is no cassette nobody`)
    expect(exitCode).toBe(1)
  })

  it('writes nothing in a dry run', async () => {
    const corpus = await corpusOf(2)
    const args = ['annotate', '--corpus', corpus, '--rule', 'all=order', '--replace', '--dry-run']
    expect((await runHere(...args)).stdout).toContain('2 of 2 cassettes would be changed\n')
    const cassette = await fileStore(corpus).read({
      id: 'openai_gpt-4o-mini_0000000000000001',
      occurrence: 1,
    })
    expect(cassette?.metadata).toEqual({ category: 'returns' })
  })

  it.each([[['--rule', 'x=('], '"(" is no regular expression']])('refuses %j', async (args, said) => {
    const { stderr, exitCode } = await runCommand('annotate', ...args)
    expect(stderr).toContain(said)
    expect(exitCode).toBe(2)
  })
})
