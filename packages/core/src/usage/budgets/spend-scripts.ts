import { script } from "../../redis/redis-link.js";

/*
 * What is spent and reserved, over every process. A counter is a hash of `used` (both) and `reserved`. A process is a
 * member of the set of processes, by the moment its lease ends, and has a hash of its reservations by ticket, so that
 * those of a process that was killed can be given back. All keys have one hash tag: a call is counted on several
 * counters at once, or on none.
 *
 * Amounts are whole picodollars, which Lua's numbers would round: they are added by Redis, as 64-bit integers, and
 * compared as text.
 */

const EXCEEDS = `
local function exceeds(amount, limit)
  if string.sub(amount, 1, 1) == '-' then return false end
  if #amount ~= #limit then return #amount > #limit end
  return amount > limit
end
`;

/** Gives the reservations of `own` back that ARGV names from `at` on: each a ticket, its amount, how many counters, and which keys they are. */
const GIVE_BACK = `
local function giveBack(own, at, count)
  for _ = 1, count do
    local ticket, amount, counters = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2])
    if redis.call('HDEL', own, ticket) == 1 then
      for each = at + 3, at + 2 + counters do
        local counter = KEYS[tonumber(ARGV[each])]
        redis.call('HINCRBY', counter, 'used', '-' .. amount)
        redis.call('HINCRBY', counter, 'reserved', '-' .. amount)
      end
    end
    at = at + 3 + counters
  end
  return at
end
`;

/**
 * KEYS: processes, own, counters. ARGV: process, ticket, record, amount, then for each counter its limit and how long to
 * keep it. Answers what each counter holds, after the number of the one that has no room, 0 for none, -1 where Redis does
 * not know the process.
 */
export const RESERVE = script(`${EXCEEDS}
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return {-1} end
local amount = ARGV[4]
local answer = {0}
for index = 3, #KEYS do
  local at = 5 + (index - 3) * 2
  redis.call('HINCRBY', KEYS[index], 'used', amount)
  redis.call('PEXPIRE', KEYS[index], ARGV[at + 1])
  local used = redis.call('HGET', KEYS[index], 'used')
  answer[#answer + 1] = used
  if answer[1] == 0 and exceeds(used, ARGV[at]) then answer[1] = index - 2 end
end
if answer[1] > 0 then
  for index = 3, #KEYS do redis.call('HINCRBY', KEYS[index], 'used', '-' .. amount) end
else
  for index = 3, #KEYS do redis.call('HINCRBY', KEYS[index], 'reserved', amount) end
  redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
end
return answer
`);

/**
 * KEYS: processes, own, counters. ARGV: process, number of this batch, how many reservations end, those, then for each
 * counter what was spent and how long to keep it. A batch that comes twice counts once. Answers what each counter holds;
 * nothing where Redis does not know the process.
 */
export const SETTLE = script(`${GIVE_BACK}
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return {} end
if tonumber(redis.call('HGET', KEYS[2], 'batch') or 0) < tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[2], 'batch', ARGV[2])
  local at = giveBack(KEYS[2], 4, tonumber(ARGV[3]))
  for index = 3, #KEYS do
    redis.call('HINCRBY', KEYS[index], 'used', ARGV[at])
    redis.call('PEXPIRE', KEYS[index], ARGV[at + 1])
    at = at + 2
  end
end
local answer = {}
for index = 3, #KEYS do answer[index - 2] = redis.call('HGET', KEYS[index], 'used') or '0' end
return answer
`);

/**
 * Takes reservations over that were made without Redis. KEYS: own, counters. ARGV: how many, then each as a ticket, its
 * record, its amount, how many counters, which keys they are; then for each counter how long to keep it.
 */
export const TAKE_OVER = script(`
local at = 2
for _ = 1, tonumber(ARGV[1]) do
  local counters = tonumber(ARGV[at + 3])
  if redis.call('HSETNX', KEYS[1], ARGV[at], ARGV[at + 1]) == 1 then
    for each = at + 4, at + 3 + counters do
      redis.call('HINCRBY', KEYS[tonumber(ARGV[each])], 'used', ARGV[at + 2])
      redis.call('HINCRBY', KEYS[tonumber(ARGV[each])], 'reserved', ARGV[at + 2])
    end
  end
  at = at + 4 + counters
end
for index = 2, #KEYS do redis.call('PEXPIRE', KEYS[index], ARGV[at + index - 2]) end
return 0
`);

/**
 * Raises counters to what the ledger says was spent; they never fall, as rows of others may be on their way to it.
 * KEYS: counters. ARGV: for each what was spent, and how long to keep it. Answers what each holds.
 */
export const RAISE = script(`${EXCEEDS}
local answer = {}
for index = 1, #KEYS do
  local reserved = redis.call('HGET', KEYS[index], 'reserved') or '0'
  redis.call('HSET', KEYS[index], 'sum', ARGV[index * 2 - 1])
  redis.call('HINCRBY', KEYS[index], 'sum', reserved)
  local sum = redis.call('HGET', KEYS[index], 'sum')
  redis.call('HDEL', KEYS[index], 'sum')
  local used = redis.call('HGET', KEYS[index], 'used') or '0'
  if exceeds(sum, used) then
    redis.call('HSET', KEYS[index], 'used', sum)
    used = sum
  end
  redis.call('PEXPIRE', KEYS[index], ARGV[index * 2])
  answer[index] = used
end
return answer
`);

/**
 * KEYS: processes, own. ARGV: process, lease in microseconds, how long to keep what is its own, 1 to join. Answers 0
 * where Redis does not know the process and it does not join, else how many processes there are, and those whose lease has
 * ended.
 */
export const RENEW = script(`
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
if ARGV[4] ~= '1' and not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return {0} end
redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[2]), ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
if ARGV[4] == '1' then redis.call('HSET', KEYS[2], 'batch', '0') end
redis.call('PEXPIRE', KEYS[2], ARGV[3])
local answer = {redis.call('ZCOUNT', KEYS[1], string.format('(%.0f', now), '+inf')}
for _, each in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now), 'LIMIT', 0, 10)) do
  answer[#answer + 1] = each
end
return answer
`);

/** What a process has reserved. KEYS: its own. */
export const RESERVATIONS = script(`return redis.call('HGETALL', KEYS[1])`);

/**
 * Gives back what a process whose lease has ended had reserved. KEYS: processes, its own, counters. ARGV: process, how
 * many reservations, those.
 */
export const BURY = script(`${GIVE_BACK}
local time = redis.call('TIME')
local ends = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not ends or tonumber(ends) > time[1] * 1000000 + time[2] then return 0 end
giveBack(KEYS[2], 3, tonumber(ARGV[2]))
redis.call('HDEL', KEYS[2], 'batch')
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
redis.call('ZREM', KEYS[1], ARGV[1])
return 1
`);

/** Leaves in good order. KEYS: processes, own. ARGV: process. What is still reserved goes with the lease. */
export const LEAVE = script(`
redis.call('HDEL', KEYS[2], 'batch')
if redis.call('EXISTS', KEYS[2]) == 0 then redis.call('ZREM', KEYS[1], ARGV[1]) end
return 0
`);

/** KEYS: counter. ARGV: amount, how long to keep it. Adds and answers what it holds. */
export const ADD = script(`
redis.call('HINCRBY', KEYS[1], 'used', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('HGET', KEYS[1], 'used')
`);

/** KEYS: counters. Answers what each holds. */
export const USED = script(`
local answer = {}
for index = 1, #KEYS do answer[index] = redis.call('HGET', KEYS[index], 'used') or '0' end
return answer
`);

/** KEYS: mark. ARGV: how long to keep it. Answers 1 to the first who asks. */
export const FIRST = script(`return redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[1]) and 1 or 0`);
