import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { fileStore } from '../../src/index.ts'
import { all } from '../support/exchanges.ts'

const writer = new URL('../support/writer-process.ts', import.meta.url)

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cassettes-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function start(name: string, mode: 'add' | 'replace' | 'until killed'): ChildProcess {
  const execArgv = ['--conditions=agent-stream-source', '--no-warnings']
  return fork(writer, [folder, name, mode], { execArgv, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
}

function exit(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('exit', resolve))
}

async function stored() {
  const entries = await all(fileStore(folder).entries())
  return {
    answers: entries.flatMap((entry) => {
      if (entry.type === 'problem') return []
      const { id, occurrence, exchange } = entry.cassette
      return [{ id, occurrence, text: Buffer.from(exchange.chunks[0]?.bytes ?? []).toString() }]
    }),
    problems: entries.flatMap((entry) => (entry.type === 'problem' ? [entry.problem.code] : [])),
  }
}

describe('two processes that record into one folder', () => {
  it('lose nothing, and break nothing', async () => {
    const codes = await Promise.all(['a', 'b'].map((name) => exit(start(name, 'add'))))
    expect(codes).toEqual([0, 0])
    const { answers, problems } = await stored()
    const texts = ['a', 'b'].flatMap((name) => Array.from({ length: 60 }, (_, i) => `"${name}${i}"`))
    expect(answers.map(({ text }) => text).sort()).toEqual(texts.sort())
    expect(problems).toEqual([])
    for (const id of ['q0', 'q1', 'q2']) {
      const numbers = answers.filter((answer) => answer.id === id).map(({ occurrence }) => occurrence)
      expect(numbers).toEqual(Array.from({ length: 40 }, (_, i) => i + 1))
    }
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([])
  }, 30_000)

  it('both replace what was there before them, and nothing of each other', async () => {
    await exit(start('old', 'add'))
    const codes = await Promise.all(['a', 'b'].map((name) => exit(start(name, 'replace'))))
    expect(codes).toEqual([0, 0])
    const { answers, problems } = await stored()
    const fresh = answers.filter(({ text }) => !text.startsWith('"old')).map(({ text }) => text)
    expect(fresh.sort()).toEqual(
      ['a', 'b'].flatMap((name) => Array.from({ length: 60 }, (_, i) => `"${name}${i}"`)).sort(),
    )
    expect(problems).toEqual([])
  }, 30_000)

  it('leave nothing broken when one is killed while it writes', async () => {
    const child = start('a', 'until killed')
    await new Promise((resolve) => child.once('message', resolve))
    child.kill('SIGKILL')
    await exit(child)
    const { answers, problems } = await stored()
    expect(answers.length).toBeGreaterThan(0)
    expect(problems.filter((code) => code !== 'leftover')).toEqual([])
  }, 30_000)
})
