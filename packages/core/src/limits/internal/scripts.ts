import { script } from "../../redis/redis-link.js";

/**
 * The exact window as a list of times, the newest first. One script decides and counts, by the clock of Redis, so no
 * number of instances at once admits more. Times are microseconds, written out since Lua would round them as text.
 *
 * ARGV: limit, window in microseconds. Answers: admitted, remaining, reset and retry in microseconds.
 */
export const LOG = script(`
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local count = redis.call('LLEN', KEYS[1])
while count > 0 and tonumber(redis.call('LINDEX', KEYS[1], -1)) <= now - window do
  redis.call('RPOP', KEYS[1])
  count = count - 1
end
if count >= limit then
  local newest = tonumber(redis.call('LINDEX', KEYS[1], 0))
  local freed = tonumber(redis.call('LINDEX', KEYS[1], limit - 1))
  return {0, 0, newest + window - now, freed + window - now}
end
redis.call('LPUSH', KEYS[1], string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil(window / 1000))
local remaining = limit - count - 1
local retry = 0
if remaining == 0 then retry = tonumber(redis.call('LINDEX', KEYS[1], -1)) + window - now end
return {1, remaining, window, retry}
`);

/**
 * The window of a large limit, counted in sixtieths; see `WindowCounter`, which does the same in memory.
 * A hash of counts by sixtieth. ARGV and answer as above, with the weight as a third and the sixtieth as a fifth.
 */
export const COUNTER = script(`
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local weight = tonumber(ARGV[3] or 1)
local width = window / 60
local slot = math.floor(now / width)
local counts, total, newest = {}, 0, -1
local all = redis.call('HGETALL', KEYS[1])
for index = 1, #all, 2 do
  local each = tonumber(all[index])
  if each < slot - 60 then
    redis.call('HDEL', KEYS[1], all[index])
  else
    counts[each] = tonumber(all[index + 1])
    total = total + counts[each]
    if each > newest then newest = each end
  end
end
local function leaves(each) return math.ceil((each + 61) * width - now) end
local function falls(most)
  local left = total
  for each = slot - 60, newest do
    left = left - (counts[each] or 0)
    if left <= most then return leaves(each) end
  end
  return leaves(newest)
end
if total + weight > limit then return {0, math.max(0, limit - total), leaves(newest), falls(limit - weight), slot} end
redis.call('HINCRBY', KEYS[1], string.format('%.0f', slot), weight)
redis.call('PEXPIRE', KEYS[1], math.ceil((window + width) / 1000))
counts[slot] = (counts[slot] or 0) + weight
total, newest = total + weight, math.max(newest, slot)
local remaining = limit - total
return {1, remaining, leaves(newest), remaining > 0 and 0 or falls(limit - 1), slot}
`);

/** Corrects what was counted in a sixtieth. ARGV: the sixtieth, the difference. */
export const ADJUST = script(`
local count = tonumber(redis.call('HGET', KEYS[1], ARGV[1]))
if count then redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', math.max(0, count + ARGV[2]))) end
return 0
`);
