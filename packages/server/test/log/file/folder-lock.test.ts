import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { fileLog, LogError } from '../../../src/index.ts'
import { lockFolder } from '../../../src/log/file/folder-lock.ts'
import { start } from '../contract/store-under-test.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const HOLDER = fileURLToPath(new URL('lock-holder.ts', import.meta.url))
const MINUTE_MS = 60_000

/** Another process that tries to lock the folder. */
function holder(dir: string): { readonly child: ChildProcess; readonly said: Promise<string> } {
  const child = spawn(process.execPath, [HOLDER, dir], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return { child, said: once(child.stdout, 'data').then(([data]) => String(data).trim()) }
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

function refusal(dir: string): LogError {
  try {
    lockFolder(dir).release()
  } catch (error) {
    expect(error).toBeInstanceOf(LogError)
    return error as LogError
  }
  throw new Error('The folder was free')
}

describe('lockFolder', () => {
  it('refuses a folder that this process has, and says so', () => {
    const dir = temporaryFolder()
    const lock = lockFolder(dir)
    const { code, message, retryable } = refusal(dir)
    expect({ code, retryable }).toEqual({ code: 'locked', retryable: false })
    expect(message).toContain(`The folder ${dir} belongs to this process (${process.pid}), since 20`)
    expect(message).toContain('close the other one, or use another folder')
    // To be refused takes nothing from who has it.
    refusal(dir)
    lock.release()
    lockFolder(dir).release()
  })

  it(
    'refuses a folder that another process has, also one that is stopped, and takes it when that was killed',
    async () => {
      const dir = temporaryFolder()
      const { child, said } = holder(dir)
      expect(await said).toBe('locked')
      expect(refusal(dir).message).toContain(`belongs to process ${child.pid}, since 20`)
      child.kill('SIGSTOP')
      expect(refusal(dir).code).toBe('locked')
      await kill(child)
      lockFolder(dir).release()
    },
    MINUTE_MS,
  )

  it(
    'gives a folder whose holder was killed to one of those that start at the same moment',
    async () => {
      const dir = temporaryFolder()
      for (let round = 0; round < 3; round++) {
        const holders = Array.from({ length: 4 }, () => holder(dir))
        const said = await Promise.all(holders.map((each) => each.said))
        expect(said.toSorted()).toEqual(['locked', 'refused', 'refused', 'refused'])
        await Promise.all(holders.map(({ child }) => kill(child)))
      }
    },
    MINUTE_MS,
  )

  it('says which folder it could not lock', () => {
    const dir = temporaryFolder()
    mkdirSync(join(dir, 'lock'))
    expect(() => lockFolder(dir)).toThrow(`Cannot lock the folder ${dir}: unable to open database file`)
  })

  it('keeps what is in the folder from others', () => {
    const dir = temporaryFolder()
    const lock = lockFolder(dir)
    for (const name of ['lock', 'lock.json']) expect(statSync(join(dir, name)).mode & 0o777).toBe(0o600)
    lock.release()
  })
})

describe('fileLog', () => {
  it('is refused a folder that is open, and leaves it as it is', async () => {
    const dir = temporaryFolder()
    const log = fileLog(dir)
    expect(() => fileLog(dir)).toThrow(/belongs to this process/)
    await start(log)
    await log.close()
    await fileLog(dir).close()
  })

  it('gives the folder back when it cannot be opened', async () => {
    const dir = temporaryFolder()
    expect(() => fileLog(dir, { retentionMs: -1 })).toThrow(TypeError)
    await fileLog(dir).close()
  })
})
