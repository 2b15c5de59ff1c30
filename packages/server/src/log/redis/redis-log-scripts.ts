import { redisScript } from './redis-script.ts'

/**
 * What reads and writes a run's events. Each script is atomic, and writes either all or nothing: Redis checks whether
 * it may write (role, memory, disk) at the first write of a script.
 */

/** What it refuses is answered as `{code}` or `{code, detail}`. */
export const APPEND = redisScript(`
-- KEYS: run, log; of an append that ends the run also intents, expiring
-- ARGV: epoch, number of the first event, count, then event, data, at of each;
-- of an append that ends the run also when, outcome, retention in ms
local run = redis.call('HMGET', KEYS[1], 'epoch', 'last', 'ended_at')
if not run[1] then return {'not_found'} end
if run[1] ~= ARGV[1] then return {'fenced', run[1]} end
local last, first, count = tonumber(run[2]), tonumber(ARGV[2]), tonumber(ARGV[3])
local new_last = first + count - 1
if new_last <= last then return {'ok'} end
if run[3] then return {'ended', last} end
if first > last + 1 then return {'rewound', last} end
local is_end = KEYS[3] ~= nil
for seq = last + 1, new_last do
  local i = 4 + 3 * (seq - first)
  if is_end and seq == new_last then
    redis.call('XADD', KEYS[2], '0-' .. seq, 'event', ARGV[i], 'data', ARGV[i + 1], 'at', ARGV[i + 2], 'end', '1')
  else
    redis.call('XADD', KEYS[2], '0-' .. seq, 'event', ARGV[i], 'data', ARGV[i + 1], 'at', ARGV[i + 2])
  end
end
redis.call('HSET', KEYS[1], 'last', new_last)
if is_end then
  local i = 4 + 3 * count
  local retention = ARGV[i + 2]
  redis.call('HSET', KEYS[1], 'ended_at', ARGV[i], 'outcome', ARGV[i + 1])
  local stored = redis.call('HMGET', KEYS[1], 'run_id', 'owner', 'key_name')
  for _, key in ipairs({KEYS[1], KEYS[2], KEYS[3], stored[3] or nil}) do redis.call('PEXPIRE', key, retention) end
  local time = redis.call('TIME')
  redis.call('ZADD', KEYS[4], time[1] * 1000 + math.floor(time[2] / 1000) + retention, stored[1] .. stored[2])
end
return {'ok'}
`)

/** Answers `{'ok', last, 1 if it ended, entries}`. */
export const READ = redisScript(`
-- KEYS: run, log
-- ARGV: the number after which, how many events, and bytes of data, at most
local run = redis.call('HMGET', KEYS[1], 'last', 'ended_at')
if not run[1] then return {'not_found'} end
local last, after = tonumber(run[1]), tonumber(ARGV[1])
if after > last then return {'rewound', last} end
local limit, max_bytes = tonumber(ARGV[2]), tonumber(ARGV[3])
local entries, bytes, step = {}, 0, 1
while bytes < max_bytes and #entries < limit do
  local count = math.min(step, limit - #entries)
  local some = redis.call('XRANGE', KEYS[2], '0-' .. after + 1, '+', 'COUNT', count)
  for _, entry in ipairs(some) do
    bytes = bytes + #entry[2][4]
    if #entries > 0 and bytes > max_bytes then break end
    entries[#entries + 1] = entry
  end
  if #some < count then break end
  after = tonumber(string.sub(some[count][1], 3))
  -- As many as fill the page if they are like those before; in small steps, as they may be much larger.
  step = math.min(2 * step, math.ceil((max_bytes - bytes) * #entries / math.max(bytes, 1)))
end
return {'ok', last, run[2] and 1 or 0, entries}
`)

/**
 * Of runs that are watched, those whose log is not the one that was read: `{place, 'not_found'}` and
 * `{place, 'rewound', last}`.
 */
export const VERIFY = redisScript(`
-- KEYS: run, log of each
-- ARGV: of each the number of the last event read, and its time or ''
local wrong = {}
for place = 1, #KEYS / 2 do
  local last = redis.call('HGET', KEYS[2 * place - 1], 'last')
  local seq, at = ARGV[2 * place - 1], ARGV[2 * place]
  if not last then
    wrong[#wrong + 1] = {place, 'not_found'}
  elseif tonumber(last) < tonumber(seq) then
    wrong[#wrong + 1] = {place, 'rewound', tonumber(last)}
  elseif at ~= '' then
    -- It may have been lost, and another written in its place.
    local entry = redis.call('XRANGE', KEYS[2 * place], '0-' .. seq, '0-' .. seq)[1]
    if entry and entry[2][6] ~= at then wrong[#wrong + 1] = {place, 'rewound', tonumber(last)} end
  end
end
return wrong
`)

/** Ends the blocking read of a process. */
export const WAKE = redisScript(`
-- KEYS: wake
-- ARGV: number of the call, how long the key is kept, in ms
redis.call('XADD', KEYS[1], 'MAXLEN', 1, '0-' .. ARGV[1], 'wake', '1')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
`)
