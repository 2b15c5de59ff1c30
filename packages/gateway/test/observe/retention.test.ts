import { readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { prune } from '../../src/observe/retention.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** Files of 100 bytes, the oldest first. */
function folderWith(...names: string[]): string {
  const folder = temporaryFolder()
  for (const [i, name] of names.entries()) {
    writeFileSync(join(folder, name), 'x'.repeat(100))
    utimesSync(join(folder, name), 1000 + i, 1000 + i)
  }
  return folder
}

const NO_LIMIT = { maxBytes: Number.POSITIVE_INFINITY, maxCassettes: Number.POSITIVE_INFINITY }

describe('prune', () => {
  it('removes the oldest beyond a size, and not the sessions’ latest file', async () => {
    const folder = folderWith('sessions.2026-01-01.jsonl', 'sessions.2026-01-02.jsonl', 'a.json', 'b.json')
    expect(await prune(folder, { ...NO_LIMIT, maxBytes: 250 })).toBe(2)
    expect(readdirSync(folder).sort()).toEqual(['b.json', 'sessions.2026-01-02.jsonl'])
  })

  it('removes the oldest cassettes beyond a number', async () => {
    const folder = folderWith('a.json', 'sessions.jsonl', 'b.json', 'c.json')
    expect(await prune(folder, { ...NO_LIMIT, maxCassettes: 1 })).toBe(2)
    expect(readdirSync(folder).sort()).toEqual(['c.json', 'sessions.jsonl'])
  })

  it('leaves what is not the gateway’s, and a folder that is not there', async () => {
    const folder = folderWith('notes.txt', '.a.json', 'sessions.txt', 'recording.jsonl')
    expect(await prune(folder, { maxBytes: 0, maxCassettes: 0 })).toBe(0)
    expect(await prune(join(folder, 'nowhere'), { maxBytes: 0, maxCassettes: 0 })).toBe(0)
  })
})
