import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { type CassetteStore, fileStore, memoryStore } from '../../src/index.ts'
import { all, plain, someCassette, someExchange } from '../support/exchanges.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cassettes-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const stores: readonly (readonly [string, () => CassetteStore])[] = [
  ['memoryStore', () => memoryStore()],
  ['fileStore', () => fileStore(folder)],
  ['fileStore, in a folder that is to be made', () => fileStore(join(folder, 'a', 'b'))],
  ['fileStore, as agentrec has it', () => fileStore(folder, { layout: 'agentrec' })],
]

describe.each(stores)('%s', (_, open) => {
  it('has nothing at first', async () => {
    const store = open()
    expect(await store.occurrences('x')).toEqual([])
    expect(await store.read({ id: 'x', occurrence: 1 })).toBeUndefined()
    expect(await store.remove({ id: 'x', occurrence: 1 })).toBe(false)
    expect(await all(store.entries())).toEqual([])
  })

  it('gives back what was written', async () => {
    const store = open()
    const written = someCassette()
    expect(await store.write(written)).toEqual({ id: written.id, occurrence: 1 })
    const { exchange } = (await store.read(written)) ?? {}
    expect(plain(exchange?.chunks)).toEqual(plain(written.exchange.chunks))
    expect(plain(exchange?.request)).toEqual(plain(written.exchange.request))
    expect(exchange?.end).toEqual(written.exchange.end)
    expect(exchange?.startedAt).toBe(written.exchange.startedAt)
    expect(exchange?.response).toMatchObject({ status: 200, statusText: 'OK', atMs: 5 })
  })

  it('gives a cassette whose place is taken the next free one', async () => {
    const store = open()
    for (const expected of [1, 2, 3]) {
      expect(await store.write(someCassette())).toMatchObject({ occurrence: expected })
    }
    await store.remove({ id: someCassette().id, occurrence: 2 })
    expect(await store.occurrences(someCassette().id)).toEqual([1, 3])
    expect(await store.write(someCassette())).toMatchObject({ occurrence: 2 })
  })

  it('replaces what may be replaced', async () => {
    const store = open()
    const old = someCassette({
      exchange: someExchange(['data: [DONE]\n\n'], { startedAt: '2020-01-01T00:00:00.000Z' }),
    })
    await store.write(old)
    const replaces = ({ exchange }: typeof old) => exchange.startedAt < '2021'
    expect(await store.write(someCassette(), { replaces })).toMatchObject({ occurrence: 1 })
    expect(await store.write(someCassette(), { replaces })).toMatchObject({ occurrence: 2 })
    expect((await store.read({ id: old.id, occurrence: 1 }))?.exchange.startedAt).toBe(
      someExchange().startedAt,
    )
  })

  it('lists what there is by id and occurrence', async () => {
    const store = open()
    for (const id of ['b_0123456789abcdef', 'a_0123456789abcdef']) {
      for (let n = 1; n <= 11; n++) await store.write(someCassette({ id }))
    }
    const entries = await all(store.entries())
    const refs = entries.map(
      (entry) => entry.type === 'cassette' && [entry.cassette.id[0], entry.cassette.occurrence],
    )
    const numbers = Array.from({ length: 11 }, (_, i) => i + 1)
    expect(refs).toEqual(['a', 'b'].flatMap((id) => numbers.map((n) => [id, n])))
  })

  it('keeps ids apart, whatever they are', async () => {
    const store = open()
    const ids = [
      ...[
        'a',
        'A',
        'a~2',
        'a__2',
        'a.json',
        'a/b',
        'a\\b',
        'a:b',
        'a_b',
        '../a',
        '/etc/passwd',
        '..',
        '.',
        '.a',
      ],
      ...[
        'con',
        'NUL.txt',
        'a.',
        'a ',
        ' a',
        'a\0b',
        'a\nb',
        'ä',
        '日本',
        '%2e%2e',
        'x'.repeat(300),
        'X'.repeat(300),
      ],
      ...['y'.repeat(300), `${'x'.repeat(300)}y`],
    ]
    for (const id of ids) {
      expect(
        await store.write(
          someCassette({
            id,
            exchange: someExchange([`data: ${JSON.stringify(id)}\n\n`, 'data: [DONE]\n\n']),
          }),
        ),
      ).toEqual({ id, occurrence: 1 })
    }
    for (const id of ids) {
      const text = Buffer.from(
        (await store.read({ id, occurrence: 1 }))?.exchange.chunks[0]?.bytes ?? [],
      ).toString()
      expect(text).toBe(`data: ${JSON.stringify(id)}\n\n`)
    }
  })
})
