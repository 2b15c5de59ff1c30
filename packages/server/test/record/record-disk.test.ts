import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

import { AgentStreamRecorder } from '../../src/index.ts'
import { recordDisk } from '../../src/record/record-disk.ts'
import { temporaryFolder } from '../log/temporary-folder.ts'

/** What a file has when it was opened and a line was added. */
async function reopened(content: string): Promise<string> {
  const path = join(temporaryFolder(), 'runs.jsonl')
  writeFileSync(path, content)
  const file = await recordDisk.open(path)
  expect(file.sizeBytes).toBe(statSync(path).size)
  await file.write(Buffer.from('next\n'))
  await file.close()
  return readFileSync(path, 'utf8')
}

const whole = '{"t": 0.1, "event": "token", "data": {"text": "é"}}'

describe('recordDisk', () => {
  it.each([
    ['nothing', '', 'next\n'],
    ['a whole file', `${whole}\n`, `${whole}\nnext\n`],
    ['a line that lacks its end only', `${whole}\n${whole}`, `${whole}\n${whole}\nnext\n`],
    ['a torn line', `${whole}\n${whole.slice(0, 20)}`, `${whole}\nnext\n`],
    ['a torn line, cut in a character', `${whole}\n{"t": 0.1, "event": "\ufffd`, `${whole}\nnext\n`],
    ['one brace', `${whole}\n{`, `${whole}\nnext\n`],
    ['a torn header alone', '{"session": "x', 'next\n'],
    ['a long torn line', `${whole}\n{"t": 1, "x": "${'y'.repeat(200_000)}`, `${whole}\nnext\n`],
    ['another file than a recording', 'name = "x"\n[tool', 'name = "x"\n[tool\nnext\n'],
  ])('goes on behind %s', async (_, before, after) => {
    expect(await reopened(before)).toBe(after)
  })

  it('makes the folder, and a file that is for nobody else', async () => {
    const path = join(temporaryFolder(), 'a', 'b', 'runs.jsonl')
    await (await recordDisk.open(path)).close()
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(await recordDisk.list(join(path, '..'))).toEqual(['runs.jsonl'])
    expect(await recordDisk.list(join(path, '..', 'none'))).toEqual([])
  })

  it('never breaks the stream of a recorder whose path cannot be', async () => {
    const errors: unknown[] = []
    const path = join(temporaryFolder(), 'file')
    writeFileSync(path, '')
    const recorder = new AgentStreamRecorder(join(path, 'runs.jsonl'), { onError: (e) => errors.push(e) })
    async function* source() {
      yield { type: 'token', text: 'a' }
    }
    const passed: unknown[] = []
    for await (const event of recorder.record(source())) passed.push(event)
    await recorder.close()
    expect(passed).toHaveLength(1)
    expect(errors).toHaveLength(1)
    expect(recorder.stats).toMatchObject({ written: 0, dropped: 1 })
  })
})
