export { type Cost, costOf } from './cost.ts'
export { LIST_PRICES } from './list-prices.ts'
export {
  type FoundPrice,
  type PriceList,
  type PriceSource,
  type PricesAsOf,
  selectPrices,
} from './price-list.ts'
export {
  type LongPromptRates,
  type ModelPrice,
  type PriceSnapshot,
  type PriceTable,
  profileNames,
  type Rates,
  withOwnPrices,
} from './price-table.ts'
export { parsePriceSnapshot, readPriceFolder } from './read-prices.ts'
