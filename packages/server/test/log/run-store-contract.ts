import { describe } from 'vitest'

import { appending } from './contract/appending.ts'
import { asking } from './contract/asking.ts'
import { closing } from './contract/closing.ts'
import { following } from './contract/following.ts'
import { keeping } from './contract/keeping.ts'
import { leasing } from './contract/leasing.ts'
import { reading } from './contract/reading.ts'
import { restarting } from './contract/restarting.ts'
import type { DurableStore, Open, OpenedStore } from './contract/store-under-test.ts'

/** What every `RunStore` keeps to. `open` gives a fresh, empty store. */
export function runStoreContract(name: string, open: Open<OpenedStore>): void {
  const parts = { appending, reading, following, keeping, leasing, asking, closing }
  for (const [verb, register] of Object.entries(parts)) describe(`${name}, ${verb}`, () => register(open))
}

/** What those keep to that outlive their process. */
export function durableStoreContract(name: string, open: Open<DurableStore>): void {
  runStoreContract(name, open)
  describe(`${name}, restarting`, () => restarting(open))
}
