import { fakeClock } from "@sluice/testkit";
import { describeLimiter } from "@sluice/testkit/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LimitRule } from "../spec/limiter.js";
import { memoryLimiter } from "./memory.js";

describeLimiter(
  "memory",
  () => {
    const clock = fakeClock();
    return { connect: () => memoryLimiter({ clock }), pass: (ms) => clock.advance(ms) };
  },
  { skip: { sharing: "it counts in one process" } },
);

/** Gaps between requests, and how many come at once after each. */
const traffic = fc.array(fc.tuple(fc.integer({ min: 0, max: 1_500 }), fc.integer({ min: 1, max: 8 })), {
  maxLength: 60,
});

/** The times at which a new limiter admits. */
function admittedAt(rule: LimitRule, bursts: readonly (readonly [number, number])[]): readonly number[] {
  const clock = fakeClock();
  const limiter = memoryLimiter({ clock });
  return bursts.flatMap(([gap, count]) => {
    clock.advance(gap);
    return Array.from({ length: count }, () => limiter.take("key:one", rule))
      .filter(({ admitted }) => admitted)
      .map(() => clock.monotonic());
  });
}

/** The same from the definition: admit while fewer than the limit have been admitted in the window that ends now. */
function byDefinition({ limit, windowMs }: LimitRule, bursts: readonly (readonly [number, number])[]) {
  const admitted: number[] = [];
  let now = 0;
  for (const [gap, count] of bursts) {
    now += gap;
    for (let each = 0; each < count; each++) {
      if (admitted.filter((time) => time > now - windowMs).length < limit) admitted.push(now);
    }
  }
  return admitted;
}

describe("the exact window", () => {
  it("admits what its definition admits", () => {
    fc.assert(
      fc.property(traffic, fc.integer({ min: 1, max: 20 }), (bursts, limit) => {
        const rule = { limit, windowMs: 1_000 };
        expect(admittedAt(rule, bursts)).toEqual(byDefinition(rule, bursts));
      }),
    );
  });

  it("tells truly when the next one is admitted", () => {
    fc.assert(
      fc.property(traffic, fc.integer({ min: 1, max: 10 }), (bursts, limit) => {
        const clock = fakeClock();
        const limiter = memoryLimiter({ clock });
        const rule = { limit, windowMs: 1_000 };
        for (const [gap, count] of bursts) {
          clock.advance(gap);
          for (let each = 0; each < count; each++) limiter.take("key:one", rule);
        }
        const { retryMs } = Array.from({ length: limit + 1 }, () => limiter.take("key:one", rule)).at(-1) ?? {
          retryMs: 0,
        };
        expect(retryMs).toBeGreaterThan(0);
        clock.advance(retryMs - 1);
        expect(limiter.take("key:one", rule).admitted).toBe(false);
        clock.advance(1);
        expect(limiter.take("key:one", rule).admitted).toBe(true);
      }),
    );
  });
});

describe("the window of a large limit", () => {
  const rule = { limit: 12_000, windowMs: 60_000 };

  it("never admits more than the limit in any window, and wastes at most what came in a sixtieth of it", () => {
    const clock = fakeClock();
    const limiter = memoryLimiter({ clock });
    const admitted: number[] = [];
    for (let step = 0; step < 3_000; step++) {
      const burst = Array.from({ length: 1 + (step % 17) }, () => limiter.take("key:large", rule));
      const count = burst.filter((verdict) => verdict.admitted).length;
      admitted.push(count);
      clock.advance(97);
    }
    const perWindow = Math.ceil(60_000 / 97);
    const sums = admitted.map((_, index) => sum(admitted.slice(index, index + perWindow))).slice(0, -perWindow);
    expect(Math.max(...sums)).toBeLessThanOrEqual(rule.limit);
    expect(Math.min(...sums.slice(perWindow))).toBeGreaterThan(5_000); // nearly all of the traffic, which stays below
  });

  it("is whole again when it says so", () => {
    const clock = fakeClock();
    const limiter = memoryLimiter({ clock });
    for (let each = 0; each < rule.limit; each++) limiter.take("key:large", rule);
    const { admitted, resetMs } = limiter.take("key:large", rule);
    expect(admitted).toBe(false);
    clock.advance(resetMs - 1);
    expect(limiter.take("key:large", rule).admitted).toBe(false);
    clock.advance(1);
    expect(limiter.take("key:large", rule)).toMatchObject({ admitted: true, remaining: rule.limit - 1 });
  });
});

describe("memory", () => {
  const rule = { limit: 5, windowMs: 1_000 };

  it("forgets idle keys before any other", () => {
    const clock = fakeClock();
    const limiter = memoryLimiter({ clock, maxKeys: 3 });
    for (const key of ["a", "b", "c"]) limiter.take(key, rule);
    clock.advance(900);
    limiter.take("a", rule); // counts in the window still, and was asked for before b and c went idle
    clock.advance(200);
    limiter.take("b", { limit: 5, windowMs: 10_000 });
    limiter.take("d", rule);
    expect(limiter.take("a", rule).remaining).toBe(3);
  });

  it("forgets the key not seen for longest when every one is in use", () => {
    const clock = fakeClock();
    const limiter = memoryLimiter({ clock, maxKeys: 3 });
    for (const key of ["a", "b", "c", "a", "d"]) limiter.take(key, rule);
    expect(limiter.size).toBe(3);
    expect(limiter.take("a", rule).remaining).toBe(2);
    expect(limiter.take("b", rule).remaining).toBe(4); // forgotten
  });

  it("stays bounded whatever number of keys comes, and shrinks once they are idle", () => {
    const clock = fakeClock();
    const limiter = memoryLimiter({ clock, maxKeys: 1_000 });
    for (let each = 0; each < 20_000; each++) limiter.take(`ip:${each}`, rule);
    expect(limiter.size).toBe(1_000);
    clock.advance(1_000);
    for (let each = 0; each < 900; each++) {
      limiter.take(`ip:new-${each}`, rule);
      clock.advance(10);
    }
    expect(limiter.size).toBeLessThan(150);
  });
});

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
