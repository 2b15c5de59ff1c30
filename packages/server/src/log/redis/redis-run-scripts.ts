import { redisScript } from './redis-script.ts'

/** What concerns runs as such: who started them, who works on them, what was asked of them. */

/** The fields of a run's hash that make its `RunInfo`. */
export const RUN_FIELDS = [
  'run_id',
  'owner',
  'started_at',
  'input',
  'body_hash',
  'key',
  'last',
  'ended_at',
  'outcome',
] as const

const RUN_INFO = `
local function run_info(key)
  return redis.call('HMGET', key, ${RUN_FIELDS.map((field) => `'${field}'`).join(', ')})
end
`

/** Leases are measured by one clock, that of Redis. */
const NOW = `
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
`

/** The keys of a run expire by themselves; what the indexes have of it goes some at a time with other calls. */
const FORGET_EXPIRED = `
local function forget_expired(expiring, started, unsettled)
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', expiring, '-inf', now(), 'LIMIT', 0, 100)) do
    local run_id, owner = string.sub(member, 1, 32), string.sub(member, 33)
    redis.call('ZREM', started, run_id)
    redis.call('ZREM', started .. ':' .. owner, run_id)
    redis.call('ZREM', unsettled, run_id)
    redis.call('ZREM', expiring, member)
  end
end
`

/** Answers `{'created'}`, `{'used'}` (the run id), or `{'known', run}` (the idempotency key). */
export const CREATE = redisScript(
  RUN_INFO,
  NOW,
  FORGET_EXPIRED,
  `
-- KEYS: run, started, started by the owner, unsettled, expiring; with an idempotency key also its own
-- ARGV: runs, run id, when it started, lease in ms, then fields and values
local known = KEYS[6] and redis.call('GET', KEYS[6])
if known and redis.call('EXISTS', ARGV[1] .. known) == 1 then return {'known', run_info(ARGV[1] .. known)} end
if redis.call('EXISTS', KEYS[1]) == 1 then return {'used'} end
redis.call('HSET', KEYS[1], 'epoch', 1, 'last', 0, unpack(ARGV, 5))
if KEYS[6] then redis.call('SET', KEYS[6], ARGV[2]) end
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[2])
redis.call('ZADD', KEYS[3], ARGV[3], ARGV[2])
redis.call('ZADD', KEYS[4], now() + ARGV[4], ARGV[2])
forget_expired(KEYS[5], KEYS[2], KEYS[4])
return {'created'}
`,
)

/** Answers `{how many were looked at, how many of them are gone, runs}`. */
export const LIST = redisScript(
  RUN_INFO,
  `
-- KEYS: started
-- ARGV: runs, from, to (the newest first), how many to pass over, to look at, status or ''
local run_ids = redis.call('ZREVRANGEBYSCORE', KEYS[1], ARGV[2], ARGV[3], 'LIMIT', ARGV[4], ARGV[5])
local gone, listed = 0, {}
for _, run_id in ipairs(run_ids) do
  local run = run_info(ARGV[1] .. run_id)
  if not run[1] then
    gone = gone + redis.call('ZREM', KEYS[1], run_id)
  elseif ARGV[6] == '' or ARGV[6] == (run[8] and 'ended' or 'running') then
    listed[#listed + 1] = run
  end
end
return {#run_ids, gone, listed}
`,
)

/** Answers the new epoch, or nothing. */
export const CLAIM = redisScript(
  NOW,
  `
-- KEYS: run, unsettled
-- ARGV: run id, lease in ms
local lease_ends = redis.call('ZSCORE', KEYS[2], ARGV[1])
if not lease_ends or tonumber(lease_ends) > now() or redis.call('EXISTS', KEYS[1]) == 0 then return false end
local epoch = redis.call('HINCRBY', KEYS[1], 'epoch', 1)
redis.call('ZADD', KEYS[2], now() + ARGV[2], ARGV[1])
return epoch
`,
)

/** Answers the places of the leases that are lost. */
export const RENEW = redisScript(
  NOW,
  `
-- KEYS: unsettled, then the run of each
-- ARGV: lease in ms, then run id, epoch of each
local lost = {}
for place = 1, #KEYS - 1 do
  if redis.call('HGET', KEYS[place + 1], 'epoch') == ARGV[2 * place + 1] then
    redis.call('ZADD', KEYS[1], 'XX', now() + ARGV[1], ARGV[2 * place])
  else
    lost[#lost + 1] = place
  end
end
return lost
`,
)

export const RELEASE = redisScript(
  NOW,
  `
-- KEYS: run, unsettled
-- ARGV: run id, epoch, '1' if it is settled
local run = redis.call('HMGET', KEYS[1], 'epoch', 'ended_at')
if run[1] ~= ARGV[2] then return end
if run[2] and ARGV[3] == '1' then
  redis.call('ZREM', KEYS[2], ARGV[1])
else
  -- Behind those that wait already: what fails again and again must not keep them waiting.
  redis.call('ZADD', KEYS[2], 'XX', now(), ARGV[1])
end
`,
)

/** Answers run ids. */
export const CLAIMABLE = redisScript(
  NOW,
  FORGET_EXPIRED,
  `
-- KEYS: unsettled, started, expiring
-- ARGV: runs, how many
forget_expired(KEYS[3], KEYS[2], KEYS[1])
local claimable = {}
for _, run_id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now(), 'LIMIT', 0, ARGV[2])) do
  if redis.call('EXISTS', ARGV[1] .. run_id) == 1 then
    claimable[#claimable + 1] = run_id
  else
    redis.call('ZREM', KEYS[1], run_id)
  end
end
return claimable
`,
)

/** Answers `{'ok', the stored value}` or `{'not_found'}`. */
export const PUT_INTENT = redisScript(`
-- KEYS: run, intents, hints
-- ARGV: run id, name, value, how many hints are kept, and for how long, in ms
if redis.call('EXISTS', KEYS[1]) == 0 then return {'not_found'} end
if redis.call('HSETNX', KEYS[2], ARGV[2], ARGV[3]) == 0 then
  return {'ok', redis.call('HGET', KEYS[2], ARGV[2])}
end
local left = redis.call('PTTL', KEYS[1])
if left > 0 then redis.call('PEXPIRE', KEYS[2], left) end
redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[4], '*', 'run', ARGV[1])
redis.call('PEXPIRE', KEYS[3], ARGV[5])
return {'ok', ARGV[3]}
`)

/** Answers `{'ok', names and values in turn}` or `{'not_found'}`. */
export const INTENTS = redisScript(`
-- KEYS: run, intents
if redis.call('EXISTS', KEYS[1]) == 0 then return {'not_found'} end
return {'ok', redis.call('HGETALL', KEYS[2])}
`)
