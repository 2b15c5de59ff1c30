import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cassette, fileStore } from '@agent-stream/cassette'
import { describe, expect, it } from 'vitest'

import { runCommand } from './command.ts'
import { temporaryFolder } from './recording-folder.ts'

const url = 'https://api.openai.com/v1/chat/completions'
const json = { 'content-type': 'application/json' }
const answer = (content: string) =>
  JSON.stringify({
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
  })

/** A folder with an answer to each of the questions. */
async function cassettes(questions: readonly string[], options: object = {}): Promise<string> {
  const folder = temporaryFolder()
  const fetch = async (_: unknown, init: RequestInit = {}) => {
    const { messages } = JSON.parse(Buffer.from(init.body as Uint8Array).toString())
    return new Response(answer(`${messages[0].content}?`), { headers: json })
  }
  // A network that answers with the question.
  const opened = cassette({
    store: fileStore(folder),
    mode: 'record',
    fetch: fetch as typeof globalThis.fetch,
    ...options,
  })
  for (const content of questions) await ask(opened.fetch, content)
  await opened.settled()
  return folder
}

async function ask(fetch: typeof globalThis.fetch, content: string): Promise<void> {
  const body = JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content }] })
  await (await fetch(url, { method: 'POST', headers: json, body })).text()
}

const lines = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

describe('agent-stream cassettes', { timeout: 30_000 }, () => {
  it('list shows what there is, and warns of what is none', async () => {
    const folder = await cassettes(['Hi', 'Ho'])
    const { stdout, stderr, exitCode } = await runCommand('cassettes', 'list', folder)
    expect(stdout).toMatch(/^RECORDED +STATUS +END +CHUNKS +FIRST +TOOK +CASSETTE\n/)
    expect(stdout.match(/200 +complete +1 .*openai_gpt-4o_[0-9a-f]{16}$/gm)).toHaveLength(2)
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })

    writeFileSync(join(folder, 'torn.json'), '{"cassette": 2')
    const torn = await runCommand('cassettes', 'list', folder, '--json')
    expect(lines(torn.stdout)).toHaveLength(2)
    expect(lines(torn.stdout)[0]).toMatchObject({
      provider: 'openai',
      model: 'gpt-4o',
      is_stream: false,
      end: 'complete',
    })
    expect(torn.stderr).toContain('torn.json: no whole JSON')
    expect(torn.exitCode).toBe(1)
  })

  it('show says what was asked and answered', async () => {
    const folder = await cassettes(['Hi'])
    const name = readdirSync(folder)[0]?.replace('.json', '') ?? ''
    const { stdout, exitCode } = await runCommand('cassettes', 'show', folder, name)
    expect(stdout).toContain(`POST ${url} → 200, complete\n`)
    expect(stdout).toContain('ASKED\n  Hi\n\nANSWERED\n  Hi?\n\nCHUNKS (1)\n')
    expect(exitCode).toBe(0)
    const shown = await runCommand('cassettes', 'show', folder, name, '--json')
    expect(lines(shown.stdout)[0]).toMatchObject({ name, prompt: { text: 'Hi' }, answer: { text: 'Hi?' } })
    const missing = await runCommand('cassettes', 'show', folder, 'other')
    expect(missing.stderr).toContain('has no cassette other; "list" shows which there are')
    expect(missing.exitCode).toBe(1)
  })

  it('scan fails where a secret is left, and does not show it', async () => {
    const secret = 'sk-proj-Zx81kQ0vB7nR3tYw2LpM'
    const clean = await cassettes([`my key is ${secret}`])
    const scanned = await runCommand('cassettes', 'scan', clean)
    expect(scanned).toEqual({ stdout: '0 of 1 cassettes have secrets\n', stderr: '', exitCode: 0 })
    const leaking = await cassettes([`my key is ${secret}`], { scrub: false })
    const { stdout, exitCode } = await runCommand('cassettes', 'scan', leaking)
    expect(stdout).toMatch(
      /^openai_gpt-4o_[0-9a-f]{16}: request\.body, chunks\[0\]\n1 of 1 cassettes have secrets\n$/,
    )
    expect(stdout).not.toContain(secret)
    expect(exitCode).toBe(1)
    const own = await runCommand('cassettes', 'scan', clean, '--pattern', 'my k..', '--json')
    expect(lines(own.stdout)[0]).toMatchObject({ places: ['request.body', 'chunks[0]'] })
    expect((await runCommand('cassettes', 'scan', clean, '--pattern', '(')).exitCode).toBe(2)
  })

  it('check finds what broke off, is doubled, old, or no cassette', async () => {
    const folder = await cassettes(['Hi', 'Hi', 'Ho'])
    const broken = cassette({
      store: fileStore(folder),
      mode: 'record',
      fetch: () => Promise.reject(new TypeError('fetch failed')),
    })
    await expect(ask(broken.fetch, 'Ha')).rejects.toThrow('fetch failed')
    await broken.settled()
    writeFileSync(join(folder, 'package.json'), '{}')
    const { stdout, exitCode } = await runCommand('cassettes', 'check', folder, '--max-age', '0', '--json')
    expect(
      lines(stdout)
        .map(({ code }) => code)
        .sort(),
    ).toEqual(['duplicate', 'foreign', 'old', 'old', 'old', 'partial'])
    expect(exitCode).toBe(1)
    const clean = await runCommand('cassettes', 'check', await cassettes(['Hi']))
    expect(clean).toEqual({ stdout: '1 cassettes, 0 findings\n', stderr: '', exitCode: 0 })
  })

  it('unused finds what a run did not ask for, and prune removes it', async () => {
    const folder = await cassettes(['Hi', 'Ho', 'Ha'])
    const used = join(temporaryFolder(), 'used.jsonl')
    const run = cassette({ store: fileStore(folder), mode: 'replay', usedFile: used })
    for (const content of ['Hi', 'Ha', 'Hi']) await ask(run.fetch, content)
    await run.settled()
    const unused = await runCommand('cassettes', 'unused', folder, '--used', used)
    expect(unused.stdout).toMatch(/^openai_gpt-4o_[0-9a-f]{16}\n1 cassettes are not used\n$/)
    expect(unused.exitCode).toBe(1)
    await runCommand('cassettes', 'prune', folder, '--used', used, '--dry-run')
    expect(readdirSync(folder)).toHaveLength(3)
    const pruned = await runCommand('cassettes', 'prune', folder, '--used', used)
    expect(pruned.stdout).toMatch(/1 cassettes removed\n$/)
    expect(readdirSync(folder)).toHaveLength(2)
    expect((await runCommand('cassettes', 'unused', folder, '--used', used)).exitCode).toBe(0)
  })

  it('says what is wrong with how it was called', async () => {
    const folder = await cassettes([])
    const missing = await runCommand('cassettes', 'list', join(folder, 'none'))
    expect(missing.stderr).toContain('none: no such file or folder')
    expect((await runCommand('cassettes', 'prune', folder)).exitCode).toBe(2)
    const used = join(folder, 'used.jsonl')
    writeFileSync(used, '')
    const empty = await runCommand('cassettes', 'prune', folder, '--used', used)
    expect(empty.stderr).toContain('names no cassettes; did the run use any?')
    expect((await runCommand('cassettes', 'unused', folder)).exitCode).toBe(2)
  })
})
