import { createHash } from 'node:crypto'

/** A Lua script, known to Redis by its SHA-1. */
export interface RedisScript {
  readonly lua: string
  readonly sha1: string
}

export function redisScript(...parts: readonly string[]): RedisScript {
  const lua = parts.join('\n')
  return { lua, sha1: createHash('sha1').update(lua).digest('hex') }
}
