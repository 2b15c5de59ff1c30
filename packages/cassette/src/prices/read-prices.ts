import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isObject, type JsonObject, parseJson } from '../json-object.ts'
import { isDay } from './price-list.ts'
import { BUCKETS, type ModelPrice, type PriceSnapshot, type PriceTable, type Rates } from './price-table.ts'

/**
 * A snapshot from a file's JSON, ours or agentrec's (`effective` for `asOf`, `cache_read` for `cacheRead`, rates as
 * texts). `name` says in errors where it comes from. Throws `TypeError` for what is none.
 */
export function parsePriceSnapshot(value: unknown, name: string): PriceSnapshot {
  if (!isObject(value)) return wrong(name, 'is no JSON object')
  const { profile, currency, source, models } = value
  const asOf = value.asOf ?? value.effective
  if (typeof profile !== 'string' || profile === '') return wrong(name, 'has no profile')
  if (typeof currency !== 'string' || currency === '') return wrong(name, 'has no currency')
  if (typeof asOf !== 'string' || !isDay(asOf)) return wrong(name, 'has no asOf, a day as 2026-01-31')
  if (!Array.isArray(models) || models.length === 0) return wrong(name, 'has no list of models')
  return {
    profile,
    asOf,
    currency,
    ...(typeof source === 'string' && { source }),
    models: models.map((model, index) => parseModel(model, `${name}: models[${index}]`)),
  }
}

function wrong(where: string, what: string): never {
  throw new TypeError(`The prices in ${where}: ${what}`)
}

function parseModel(value: unknown, where: string): ModelPrice {
  if (!isObject(value)) return wrong(where, 'is no object')
  const { match, rates, batch, longPrompts, unit = 'per_mtok', tiers } = value
  if (unit !== 'per_mtok' || tiers)
    return wrong(where, 'is not per million tokens, or in tiers of another form')
  if (!Array.isArray(match) || match.length === 0 || !match.every((id) => typeof id === 'string'))
    return wrong(where, 'has no list of model ids as match')
  return {
    match,
    rates: parseRates(rates, `${where}: rates`),
    ...(batch !== undefined && { batch: parseRates(batch, `${where}: batch`) }),
    ...(Array.isArray(longPrompts) && { longPrompts: longPrompts.map((long) => parseLong(long, where)) }),
  }
}

function parseLong(value: unknown, where: string) {
  const { aboveTokens, rates }: JsonObject = isObject(value) ? value : {}
  if (typeof aboveTokens !== 'number') return wrong(where, 'has longPrompts without aboveTokens')
  return { aboveTokens, rates: parseRates(rates, `${where}: longPrompts`) }
}

function parseRates(value: unknown, where: string): Rates {
  if (!isObject(value) || Object.keys(value).length === 0) return wrong(where, 'is no object with rates')
  return Object.fromEntries(
    Object.entries(value).map(([key, given]) => {
      const bucket = key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
      const rate = typeof given === 'string' && given.trim() !== '' ? Number(given) : given
      if (!BUCKETS.some((each) => each === bucket))
        return wrong(where, `has "${key}": give ${BUCKETS.join(', ')}`)
      if (typeof rate !== 'number' || !(rate >= 0 && rate < Number.POSITIVE_INFINITY))
        return wrong(where, `has no number from 0 on for ${key}`)
      return [bucket, rate]
    }),
  )
}

/** The snapshots in a folder and those below it, one to each `.json` file. Rejects with `TypeError` for one that is none. */
export async function readPriceFolder(folder: string): Promise<PriceTable> {
  const entries = await readdir(folder, { recursive: true })
  const names = entries.filter((name) => name.endsWith('.json')).sort()
  return Promise.all(
    names.map(async (name) => {
      const path = join(folder, name)
      return parsePriceSnapshot(parseJson(await readFile(path, 'utf8')), path)
    }),
  )
}
