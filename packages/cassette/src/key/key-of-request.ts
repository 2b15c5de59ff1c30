import type { CapturedRequest } from '../exchange.ts'
import { type CassetteKey, cassetteIdOf, cassetteKeyOf, type KeyOptions, keyFields } from './cassette-key.ts'

/** A caller's own id of a request, or undefined for the usual one. */
export type KeyFunction = (request: CapturedRequest) => string | undefined | Promise<string | undefined>

export interface RequestKeyOptions extends KeyOptions {
  /** Instead of the key: what the request is found by. It is a name, and never becomes a path. */
  readonly key?: KeyFunction | string
}

/** What a request is found by. */
export interface RequestKey {
  readonly id: string
  /** Absent where the caller has chosen the id. */
  readonly key?: CassetteKey
}

/** Rejects with `TypeError` for options that are none. */
export async function keyOfRequest(
  request: CapturedRequest,
  options: RequestKeyOptions = {},
): Promise<RequestKey> {
  const own = typeof options.key === 'function' ? await options.key(request) : options.key
  if (own !== undefined) {
    if (typeof own === 'string' && own !== '') return { id: own }
    throw new TypeError(`The key of a request is ${JSON.stringify(own)}; expected a text that is not empty`)
  }
  const key = cassetteKeyOf(await keyFields(request, options))
  return { id: cassetteIdOf(key), key }
}
