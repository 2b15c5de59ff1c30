import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

export interface StateFolder extends Disposable {
  readonly path: string
}

/** The folder that was asked for, which is kept; or one of its own, which is removed at the end. */
export function openStateFolder(asked: string | undefined): StateFolder {
  if (asked === undefined) {
    const path = mkdtempSync(join(tmpdir(), 'agent-stream-playground-'))
    return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
  }
  const path = resolve(asked)
  mkdirSync(path, { recursive: true, mode: 0o700 })
  return { path, [Symbol.dispose]: () => {} }
}
