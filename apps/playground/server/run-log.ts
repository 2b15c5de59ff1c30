import { fileLog, type RunStore, redisLog } from '@agent-stream/server'
import { createClient } from 'redis'

/** Where runs are kept. */
export type LogPlace = { readonly folder: string } | { readonly redisUrl: string }

export function openLog(place: LogPlace): RunStore {
  if ('folder' in place) return fileLog(place.folder)
  return redisLog(createClient({ url: place.redisUrl }), { prefix: 'agent-stream-playground' })
}
