import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import {
  type CassetteStore,
  cassette,
  cassetteFetch,
  install,
  memoryStore,
  withCassette,
} from '../../src/index.ts'
import { all } from '../support/exchanges.ts'

const url = 'https://api.example.com/v1/things'

let left: CassetteStore
let right: CassetteStore
const original = globalThis.fetch

beforeEach(() => {
  left = memoryStore()
  right = memoryStore()
  globalThis.fetch = vi.fn(async (input) => new Response(`live ${String(input)}`))
})
afterEach(() => {
  globalThis.fetch = original
})

const text = async (response: Promise<Response>) => (await response).text()
const count = async (store: CassetteStore) => (await all(store.entries())).length

describe('withCassette', () => {
  it('gives its cassette to what is called inside, and what it gave when all is stored', async () => {
    const fetch = cassetteFetch()
    const result = await withCassette(left, { mode: 'record' }, async ({ use }) => {
      await Promise.all([text(fetch(url)), Promise.resolve().then(() => text(fetch(`${url}/2`)))])
      expect(use.replayed).toEqual([])
      return 'result'
    })
    expect(result).toBe('result')
    expect(await count(left)).toBe(2)
    expect(await withCassette(left, { mode: 'replay' }, () => text(fetch(url)))).toBe(`live ${url}`)
  })

  it('keeps two that run at once apart, and one inside another', async () => {
    const fetch = cassetteFetch()
    await Promise.all([
      withCassette(left, { mode: 'record' }, () => text(fetch(`${url}/left`))),
      withCassette(right, { mode: 'record' }, async () => {
        await text(fetch(`${url}/right`))
        await withCassette(left, { mode: 'record' }, () => text(fetch(`${url}/inside`)))
      }),
    ])
    expect([await count(left), await count(right)]).toEqual([2, 1])
  })

  it('passes on what went wrong inside', async () => {
    const failing = withCassette(left, { mode: 'record' }, () => Promise.reject(new Error('mine')))
    await expect(failing).rejects.toThrow('mine')
  })
})

describe('cassetteFetch outside of any cassette', () => {
  it('asks the network, or refuses', async () => {
    expect(await text(cassetteFetch()(url))).toBe(`live ${url}`)
    await expect(cassetteFetch({ outside: 'refuse' })(url)).rejects.toThrow('A call outside of any cassette')
  })
})

describe('install', () => {
  it('lets the global fetch be the cassette’s, until it is restored', async () => {
    const live = globalThis.fetch
    const restore = install()
    await withCassette(left, { mode: 'record' }, () => text(fetch(url)))
    expect(await count(left)).toBe(1)
    expect(live).toHaveBeenCalledOnce()
    expect(await withCassette(left, { mode: 'replay' }, () => text(fetch(url)))).toBe(`live ${url}`)
    restore()
    restore()
    expect(globalThis.fetch).toBe(live)
  })

  it('twice is once, until both are restored', () => {
    const live = globalThis.fetch
    const first = install()
    const layered = globalThis.fetch
    const second = install()
    expect(globalThis.fetch).toBe(layered)
    first()
    expect(globalThis.fetch).toBe(layered)
    second()
    expect(globalThis.fetch).toBe(live)
  })

  it('may be restored in any order', async () => {
    const live = globalThis.fetch
    const restoreLeft = install(cassette({ store: left, mode: 'record' }))
    const restoreRight = install(cassette({ store: right, mode: 'record' }))
    restoreLeft()
    await text(fetch(url))
    expect([await count(left), await count(right)]).toEqual([0, 1])
    restoreRight()
    expect(globalThis.fetch).toBe(live)
  })

  it('of an inner one leaves the outer one', async () => {
    const restoreLeft = install(cassette({ store: left, mode: 'record' }))
    install(cassette({ store: right, mode: 'record' }))()
    await text(fetch(url))
    expect([await count(left), await count(right)]).toEqual([1, 0])
    restoreLeft()
  })
})
