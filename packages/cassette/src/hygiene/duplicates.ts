import { canonicalJson } from '../canonical-json.ts'
import { bodyBytes, type Exchange } from '../exchange.ts'
import { keyFields } from '../key/cassette-key.ts'
import { sha256 } from '../key/digest.ts'
import { PARTIAL_PREFIX } from '../record/cassette-writer.ts'
import type { CassetteRef, CassetteStore } from '../store/cassette-store.ts'

/** Groups of cassettes that hold the same answer to the same request: all but one of a group could go. */
export async function duplicateCassettes(store: CassetteStore): Promise<readonly (readonly CassetteRef[])[]> {
  const groups = new Map<string, CassetteRef[]>()
  for await (const entry of store.entries()) {
    if (entry.type === 'problem' || entry.cassette.id.startsWith(PARTIAL_PREFIX)) continue
    const { id, occurrence, exchange } = entry.cassette
    const hash = await exchangeHash(exchange)
    const group = groups.get(hash)
    if (group) group.push({ id, occurrence })
    else groups.set(hash, [{ id, occurrence }])
  }
  return [...groups.values()].filter((group) => group.length > 1)
}

async function exchangeHash(exchange: Exchange): Promise<string> {
  const request = canonicalJson(await keyFields(exchange.request))
  return sha256(`${request}\0${exchange.response?.status}\0${sha256(bodyBytes(exchange))}`)
}
