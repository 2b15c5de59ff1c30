import { AsyncLocalStorage } from 'node:async_hooks'

import { type CassetteOptions, cassette, type OpenCassette } from '../cassette.ts'
import { CassetteError } from '../cassette-error.ts'
import type { CassetteStore } from '../store/cassette-store.ts'
import { installFetch } from './install.ts'
import { liveFetch } from './live-fetch.ts'
import type { Fetch } from './prepare-request.ts'

const scope = new AsyncLocalStorage<OpenCassette>()

/**
 * Runs `work`, in which `cassetteFetch()` has this store, also in whatever it awaits or starts. Once it is through, and
 * all is stored, gives what it gave.
 */
export async function withCassette<T>(
  store: CassetteStore,
  options: Omit<CassetteOptions, 'store'>,
  work: (opened: OpenCassette) => T | Promise<T>,
): Promise<T> {
  const opened = cassette({ ...options, store })
  let result: T
  try {
    result = await scope.run(opened, () => work(opened))
  } catch (error) {
    // It says more than what could not be stored, which onProblem was told.
    await opened.settled().catch(() => undefined)
    throw error
  }
  await opened.settled()
  return result
}

export interface CassetteFetchOptions {
  /** What a call outside of any cassette is: one to the network, or a mistake. Default `'live'`. */
  readonly outside?: 'live' | 'refuse'
  /** Asks the network, outside. Default: the global `fetch`. */
  readonly fetch?: Fetch
}

/** A `fetch` for clients that live longer than a cassette: it is that of the `withCassette` around the call. */
export function cassetteFetch({ outside = 'live', fetch }: CassetteFetchOptions = {}): Fetch {
  return async (input, init) => {
    const opened = scope.getStore()
    if (opened) return opened.fetch(input, init)
    if (outside === 'live') return liveFetch(fetch)(input, init)
    throw new CassetteError('miss', 'A call outside of any cassette; make it inside of withCassette()')
  }
}

/**
 * Lets the global `fetch` be a cassette's: that of `withCassette` around the call, or the one given. Gives what
 * restores it.
 */
export function install(opened?: Pick<OpenCassette, 'fetch'>): () => void {
  return installFetch(opened?.fetch ?? scopedFetch)
}

/** One, so that installing it twice is seen. */
const scopedFetch = cassetteFetch()
