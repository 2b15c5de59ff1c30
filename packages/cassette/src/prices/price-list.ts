import { createHash } from 'node:crypto'

import { canonicalJson } from '../canonical-json.ts'
import { bareModel } from '../providers/models.ts'
import type { ModelPrice, PriceSnapshot, PriceTable } from './price-table.ts'
import { profileNames } from './price-table.ts'

/**
 * Which day's prices count: those of the newest snapshot, of the day on which a call was recorded, or of a day given as
 * YYYY-MM-DD. Of days before the first snapshot the first counts.
 */
export type PricesAsOf = 'latest' | 'recorded' | (string & {})

/** Where a price comes from: enough to find it again. */
export interface PriceSource {
  readonly profile: string
  readonly asOf: string
  /** The first 12 hexadecimal digits of the snapshot's SHA-256: another one is another snapshot. */
  readonly digest: string
  readonly source?: string
}

/** The price that counts for a model. */
export interface FoundPrice {
  readonly price: ModelPrice
  readonly currency: string
  readonly from: PriceSource
}

/** Prices of several profiles. */
export interface PriceList {
  /** As it was asked for: `openai+anthropic`. */
  readonly name: string
  readonly asOf: PricesAsOf
  readonly currency: string
  /** Null for a model that no profile knows. `recordedAt`: ISO 8601, for `recorded`. */
  find(model: string, recordedAt?: string): FoundPrice | null
}

/**
 * The profiles of a spec, `a+b`, tried in this order; all of the table by default. Throws `TypeError` for profiles that
 * are not there, that have not one currency, and for an `asOf` that is no day.
 */
export function selectPrices(
  table: PriceTable,
  spec: string = profileNames(table).join('+'),
  asOf: PricesAsOf = 'latest',
): PriceList {
  const names = spec.split('+').map((name) => name.trim())
  const profiles = names.map((name) => snapshotsOf(table, name))
  const sources = new Map(profiles.flat().map((snapshot) => [snapshot, sourceOf(snapshot)]))
  const currencies = new Set(profiles.flat().map(({ currency }) => currency))
  const [currency] = currencies
  if (currency === undefined || currencies.size > 1) {
    throw new TypeError(
      `The prices of ${spec} are in ${[...currencies].join(' and ')}: give profiles of one currency`,
    )
  }
  if (asOf !== 'latest' && asOf !== 'recorded' && !isDay(asOf)) {
    throw new TypeError(`"${asOf}" is no day: give latest, recorded or one as 2026-01-31`)
  }
  return {
    name: spec,
    asOf,
    currency,
    find(model, recordedAt) {
      const day = asOf === 'recorded' ? recordedAt?.slice(0, 10) : asOf
      const onDay = day === undefined || day === 'latest' ? '9999-12-31' : day
      for (const snapshots of profiles) {
        const snapshot = snapshots.findLast((each) => each.asOf <= onDay) ?? snapshots[0]
        const price = snapshot && (priceOf(snapshot, model) ?? priceOf(snapshot, bareModel(model)))
        const from = snapshot && sources.get(snapshot)
        if (price && from) return { price, currency, from }
      }
      return null
    },
  }
}

export function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text))
}

/** Oldest first. */
function snapshotsOf(table: PriceTable, name: string): readonly PriceSnapshot[] {
  const snapshots = table.filter(({ profile }) => profile === name)
  if (snapshots.length === 0) {
    throw new TypeError(`There are no prices "${name}": give some of ${profileNames(table).join(', ')}`)
  }
  return snapshots.sort((a, b) => (a.asOf < b.asOf ? -1 : 1))
}

function priceOf({ models }: PriceSnapshot, model: string): ModelPrice | undefined {
  const exact = models.find(({ match }) => match.includes(model))
  return exact ?? models.find(({ match }) => match.some((pattern) => matches(pattern, model)))
}

function matches(pattern: string, model: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 's').test(model)
}

function sourceOf(snapshot: PriceSnapshot): PriceSource {
  const { profile, asOf, source } = snapshot
  const digest = createHash('sha256').update(canonicalJson(snapshot)).digest('hex').slice(0, 12)
  return { profile, asOf, digest, ...(source !== undefined && { source }) }
}
