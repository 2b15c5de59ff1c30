import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

import { createFilePool } from '../../../src/log/file/file-pool.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { faultyDisk } from './faulty-disk.ts'

function setUp(maxOpen: number) {
  const dir = temporaryFolder()
  const paths = ['a', 'b', 'c'].map((name) => join(dir, name)) as [string, string, string]
  for (const path of paths) writeFileSync(path, path)
  const disk = faultyDisk()
  const pool = createFilePool(maxOpen, disk.openFile)
  return {
    pool,
    disk,
    paths,
    readOf: (path: string) => pool.use(path, false, (handle) => handle.readFile('utf8')),
  }
}

it('keeps the files open that were used last', async () => {
  const { pool, disk, paths, readOf } = setUp(2)
  const [a, b, c] = paths
  for (const path of [a, b, a, c]) await readOf(path)
  await pool.use(a, false, async () => expect(disk.open).toBe(2))
  await pool.close()
  expect(disk.open).toBe(0)
})

it('closes no file that somebody uses', async () => {
  const { pool, disk, paths, readOf } = setUp(1)
  const [a, b, c] = paths
  await pool.use(a, false, async (handle) => {
    await readOf(b)
    await readOf(c)
    await pool.forget(a)
    expect((await handle.stat()).size).toBe(a.length)
  })
  await pool.close()
  expect(disk.open).toBe(0)
})

it('opens a file again that could not be opened', async () => {
  const { pool, disk, paths, readOf } = setUp(2)
  disk.fault = 'open fails'
  const attempts = [readOf(paths[0]), readOf(paths[0])]
  for (const { status } of await Promise.allSettled(attempts)) expect(status).toBe('rejected')
  disk.fault = undefined
  expect(await readOf(paths[0])).toBe(paths[0])
  await pool.close()
})

it('makes a file only where it is told to', async () => {
  const { pool, paths } = setUp(2)
  const path = `${paths[0]}-new`
  await expect(pool.use(path, false, async () => undefined)).rejects.toMatchObject({ code: 'ENOENT' })
  await pool.use(path, true, (handle) => handle.appendFile('x'))
  expect((await pool.use(path, false, (handle) => handle.stat())).size).toBe(1)
  await pool.close()
})
