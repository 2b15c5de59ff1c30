import type { RedisServer } from './redis-server.ts'

/**
 * Leases and expiry are measured by the clock of Redis, which cannot be set: so what is due is brought nearer. The
 * scores of both sorted sets are times in milliseconds.
 */
const PASS = `
local ms, prefix = tonumber(ARGV[1]), ARGV[2]
for _, key in ipairs(redis.call('KEYS', prefix .. ':*')) do
  local left = redis.call('PTTL', key)
  if left >= 0 then redis.call('PEXPIRE', key, left - ms) end
end
for _, key in ipairs({prefix .. ':unsettled', prefix .. ':expiring'}) do
  for _, member in ipairs(redis.call('ZRANGE', key, 0, -1)) do redis.call('ZINCRBY', key, -ms, member) end
end
`

/** Lets time pass for the log of this prefix. */
export async function passRedisTime(server: RedisServer, prefix: string, ms: number): Promise<void> {
  await server.command('EVAL', PASS, '0', String(ms), prefix)
}
