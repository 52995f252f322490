import { createHash } from "node:crypto";
import { z } from "zod";
import type { Clock } from "../clock.js";
import { type RedisLink, script } from "../redis/redis-link.js";
import {
  delayOf,
  FAILURES_PER_ADDRESS,
  type LoginAttempt,
  type LoginThrottle,
  REMEMBERED,
  subjectsOf,
  tooMany,
  WINDOW_MS,
} from "./login-throttle.js";

/**
 * Counts one more attempt of a subject in the window. ARGV: window in microseconds, how many to remember, how many are
 * too many (0: never), a name for the attempt. Answers: whether it is counted, those before it, microseconds until the
 * oldest is forgotten.
 */
const ATTEMPT = script(`
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local window, remembered, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - window))
local count = redis.call('ZCARD', KEYS[1])
if most > 0 and count >= most then
  local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
  return {0, count, math.ceil(tonumber(oldest[2]) + window - now)}
end
redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[4])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - remembered)
redis.call('PEXPIRE', KEYS[1], math.ceil(window / 1000))
return {1, count, 0}
`);
const WITHDRAW = script("return redis.call('ZREM', KEYS[1], ARGV[1])");
const FORGIVE = script("return redis.call('DEL', KEYS[1])");

const Answer = z.tuple([z.number(), z.number(), z.number()]);

/** What a {@link SharedLoginThrottle} is made of. */
export interface SharedLoginThrottleDeps {
  readonly link: RedisLink;
  readonly clock: Clock;
  /** Counts in this process besides, and alone while Redis is away. */
  readonly local: LoginThrottle;
}

/** Counts failed logins over every instance, so that guessing is no faster where there are more of them. */
export class SharedLoginThrottle {
  readonly #deps: SharedLoginThrottleDeps;

  constructor(deps: SharedLoginThrottleDeps) {
    this.#deps = deps;
  }

  /** @throws GatewayError `rate_limit_exceeded` */
  async begin(username: string, address: string): Promise<LoginAttempt> {
    const { link, clock, local } = this.#deps;
    const here = local.begin(username, address);
    if (!link.isUsable) return here;
    const { place, pair, user } = subjectsOf(username, address);
    const name = clock.id("");
    const attempt = async (subject: string, most: number) => {
      const values = [WINDOW_MS * 1_000, REMEMBERED, most, name];
      const [isCounted, before, freeUs] = Answer.parse(await link.run(ATTEMPT, keyOf(subject), values));
      return { isCounted: isCounted === 1, before, freeMs: freeUs / 1_000 };
    };
    const quietly = (work: Promise<unknown>) => void work.catch(() => {}); // it counts as failed, as it did here
    let counted: Awaited<ReturnType<typeof attempt>>[];
    try {
      const first = await attempt(place, FAILURES_PER_ADDRESS);
      counted = [first, ...(first.isCounted ? await Promise.all([attempt(pair, 0), attempt(user, 0)]) : [])];
    } catch {
      return here;
    }
    const [atPlace, ofPair, ofUser] = counted;
    if (atPlace?.isCounted === false) {
      here.withdraw();
      throw tooMany(atPlace.freeMs);
    }
    return {
      delayMs: Math.max(here.delayMs, delayOf(ofPair?.before ?? 0, ofUser?.before ?? 0)),
      succeeded() {
        here.succeeded();
        quietly(link.run(FORGIVE, keyOf(pair), []));
      },
      withdraw() {
        here.withdraw();
        for (const subject of [place, pair, user]) quietly(link.run(WITHDRAW, keyOf(subject), [name]));
      },
    };
  }
}

/** What somebody types as a name may be a password in the wrong field, and belongs into no database. */
function keyOf(subject: string): string {
  return `sluice:login:{${createHash("sha256").update(subject).digest("base64url")}}`;
}
