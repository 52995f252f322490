import type { Limiter, LimitRule, LimitVerdict } from "@sluice/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LimiterContractOptions, LimiterPlace } from "./limiter-place.js";

/** Long enough that no test outlives it. */
const MINUTE: LimitRule = { limit: 3, windowMs: 60_000 };
/** Short enough to be waited for. */
const WINDOW_MS = 1_000;

const AWKWARD_KEYS = ["ip:2001:db8:0:0/64", "key:a b", "key:a\r\nb", "key:{}", "key:{a}:b", "key:__proto__", "key:é🦙"];

/**
 * The behaviour every limiter shares. Call it in a test file of your own.
 *
 * @example
 * ```ts
 * describeLimiter("memory", () => {
 *   const clock = fakeClock();
 *   return { connect: () => memoryLimiter({ clock }), pass: (ms) => clock.advance(ms) };
 * }, { skip: { sharing: "it counts in one process" } });
 * ```
 */
export function describeLimiter(
  name: string,
  factory: () => LimiterPlace | Promise<LimiterPlace>,
  options: LimiterContractOptions = {},
): void {
  const { windowMs = WINDOW_MS } = options;
  const passing: LimitRule = { limit: 3, windowMs };
  let place: LimiterPlace;
  let limiter: Limiter;

  beforeEach(async () => {
    place = await factory();
    limiter = place.connect();
  });

  afterEach(() => place.close?.());

  async function inTurn(rule: LimitRule, times: number, key = "key:one"): Promise<readonly LimitVerdict[]> {
    const verdicts: LimitVerdict[] = [];
    for (let time = 0; time < times; time++) verdicts.push(await limiter.take(key, rule));
    return verdicts;
  }

  describe(`${name} limiter`, () => {
    it("admits as many as the limit says, counts down, and then refuses", async () => {
      const verdicts = await inTurn(MINUTE, 5);
      expect(verdicts.map(({ admitted }) => admitted)).toEqual([true, true, true, false, false]);
      expect(verdicts.map(({ remaining }) => remaining)).toEqual([2, 1, 0, 0, 0]);
    });

    it("says when the next one is admitted, and when the whole limit is there again", async () => {
      const [first, , last, refused] = await inTurn(passing, 4);
      expect(first).toMatchObject({ retryMs: 0, resetMs: windowMs });
      expect(last?.retryMs).toBeGreaterThan(0);
      expect(refused?.retryMs).toBeGreaterThan(0);
      expect(refused?.resetMs).toBeGreaterThanOrEqual(refused?.retryMs ?? 0);
      expect(refused?.resetMs).toBeLessThanOrEqual(windowMs);
      await place.pass(refused?.resetMs ?? 0);
      expect(await limiter.take("key:one", passing)).toMatchObject({ admitted: true, remaining: 2 });
    });

    it("does not keep out for longer who goes on trying", async () => {
      await inTurn(passing, 3);
      const refused = await inTurn(passing, 20);
      await place.pass(refused.at(-1)?.resetMs ?? 0);
      expect((await inTurn(passing, 3)).map(({ admitted }) => admitted)).toEqual([true, true, true]);
    });

    it("slides: what was admitted late in one window counts in the next", async () => {
      await inTurn(passing, 1);
      await place.pass(0.6 * windowMs);
      await inTurn(passing, 2);
      await place.pass(0.5 * windowMs);
      expect((await inTurn(passing, 2)).map(({ admitted }) => admitted)).toEqual([true, false]);
    });

    it.each(AWKWARD_KEYS)("keeps %j apart from every other key", async (key) => {
      await inTurn(MINUTE, 3, "key:one");
      expect(await limiter.take(key, MINUTE)).toMatchObject({ admitted: true, remaining: 2 });
      expect(await limiter.take(`${key} `, MINUTE)).toMatchObject({ admitted: true, remaining: 2 });
    });

    it("admits exactly the limit out of a thousand at once", async () => {
      const rule = { limit: 100, windowMs: 60_000 };
      const verdicts = await Promise.all(Array.from({ length: 1_000 }, () => limiter.take("ip:one", rule)));
      expect(verdicts.filter(({ admitted }) => admitted)).toHaveLength(100);
      expect(new Set(verdicts.map(({ remaining }) => remaining)).size).toBe(100);
    });

    it("follows a limit that is raised or lowered", async () => {
      await inTurn(MINUTE, 3);
      expect(await limiter.take("key:one", { ...MINUTE, limit: 5 })).toMatchObject({ admitted: true, remaining: 1 });
      const lowered = await limiter.take("key:one", { ...MINUTE, limit: 2 });
      expect(lowered).toMatchObject({ admitted: false, remaining: 0 });
      expect(lowered.retryMs).toBeGreaterThan(0);
    });

    it("counts a large limit as exactly", async () => {
      const rule = { limit: 10_001, windowMs: 60_000 };
      const verdicts: LimitVerdict[] = [];
      // Not all at once: an instance whose server takes long to answer counts for itself meanwhile.
      for (let burst = 0; burst < 30; burst++) {
        verdicts.push(...(await Promise.all(Array.from({ length: 335 }, () => limiter.take("key:large", rule)))));
      }
      expect(verdicts.filter(({ admitted }) => admitted)).toHaveLength(10_001);
      const refused = verdicts.find(({ admitted }) => !admitted);
      expect(refused?.retryMs).toBeGreaterThan(0);
      expect(refused?.retryMs).toBeLessThanOrEqual(61_000); // a sixtieth late at most
    });

    // What does not apply is left out, not skipped: a skipped test is one that should run.
    if (options.skip?.sharing !== undefined) return;

    it("counts together with every other instance", async () => {
      const limiters = [limiter, place.connect(), place.connect()];
      const rule = { limit: 100, windowMs: 60_000 };
      const verdicts = await Promise.all(
        Array.from({ length: 1_000 }, (_, index) => limiters[index % 3]?.take("ip:shared", rule)),
      );
      expect(verdicts.filter((verdict) => verdict?.admitted)).toHaveLength(100);
    });
  });
}
