import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { vi } from 'vitest'
import type { RunStore } from '../../../src/index.ts'
import { openFileLog } from '../../../src/log/file/file-log.ts'
import { type DurableStore, STARTED_MS, type StoreOptions } from '../contract/store-under-test.ts'
import { durableStoreContract } from '../run-store-contract.ts'
import { temporaryFolder } from '../temporary-folder.ts'

// Each of hundreds of openings and syncs waits for a disk that others may be using.
vi.setConfig({ testTimeout: 60_000 })

function openDurable({ retentionMs }: StoreOptions, durability: 'fsync' | 'os'): DurableStore {
  const place = temporaryFolder()
  const stores: RunStore[] = []
  let nowMs = STARTED_MS
  const folder = () => join(place, `${stores.length}`)

  function open(): RunStore {
    const onDamage = (damage: unknown) => {
      throw new Error(JSON.stringify(damage))
    }
    const store = openFileLog(folder(), { retentionMs, durability, onDamage, now: () => nowMs })
    stores.push(store)
    return store
  }

  const store = open()
  return {
    store,
    peer: store,
    passTime(ms) {
      nowMs += ms
    },
    async crash() {
      // What is in the files at this moment is what a killed process leaves.
      cpSync(join(place, `${stores.length - 1}`), folder(), { recursive: true })
      return open()
    },
    async dispose() {
      await Promise.all(stores.map((each) => each.close()))
    },
  }
}

durableStoreContract('fileLog', (options) => openDurable(options, 'fsync'))
durableStoreContract('fileLog without syncs', (options) => openDurable(options, 'os'))
