import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

const folder = join(import.meta.dirname, '..')
const readme = readFileSync(join(folder, 'README.md'), 'utf8')
const programs = [...readme.matchAll(/^```js\n(.*?)^```/gms)].map(([, code]) => code as string)

describe('README', () => {
  it.each(programs.map((code, n) => ({ n: n + 1, code })))('prints what program $n says', ({ code }) => {
    const flags = ['--conditions=agent-stream-source', '--input-type=module', '--eval', code]
    const printed = execFileSync(process.execPath, flags, { cwd: folder, encoding: 'utf8' })
    const said = [...code.matchAll(/console\.log\(.*\) \/\/ (.*)$/gm)].map(([, line]) => line)
    // A line in a loop is printed more than once.
    expect([...new Set(printed.trim().split('\n'))]).toEqual(said)
  })
})
