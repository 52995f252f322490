import { script } from "../../redis/redis-link.js";

/**
 * Calls that run, as a sorted set of leases by the moment each ends unless it is renewed: those of a process that was
 * killed go by themselves. ARGV: limit, lease in microseconds, id. Answers 1 when there is a place.
 */
export const ACQUIRE = script(`
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[2]), ARGV[3])
redis.call('PEXPIRE', KEYS[1], math.ceil(ARGV[2] / 1000))
return 1
`);

/** ARGV: lease in microseconds, ids. A lease that has ended meanwhile is taken up again: its call runs. */
export const RENEW = script(`
local time = redis.call('TIME')
local ends = string.format('%.0f', time[1] * 1000000 + time[2] + ARGV[1])
for index = 2, #ARGV do redis.call('ZADD', KEYS[1], ends, ARGV[index]) end
redis.call('PEXPIRE', KEYS[1], math.ceil(ARGV[1] / 1000))
return #ARGV - 1
`);

/** ARGV: id. */
export const RELEASE = script(`return redis.call('ZREM', KEYS[1], ARGV[1])`);
