import { fileLog, memoryLog, type RunStore, redisLog } from '@agent-stream/server'
import { createClient } from 'redis'

/** The store of this name: `place` is its folder or its socket. */
export function openStore(store: string, place: string): RunStore {
  if (store === 'memory') return memoryLog()
  if (store === 'file') return fileLog(place)
  return redisLog(createClient({ socket: { path: place, tls: false } }))
}
