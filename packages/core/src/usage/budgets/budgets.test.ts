import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MemoryCounters } from "./counters.js";
import { nextWindow, windowOf } from "./window.js";

describe("MemoryCounters", () => {
  it("never hold more than the limit, whatever is reserved and settled at the same time", () => {
    const step = fc.record({ amount: fc.bigInt(0n, 40n), spent: fc.bigInt(0n, 40n), settles: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const counters = new MemoryCounters();
        const claims = [
          { counter: "day", limit: 100n },
          { counter: "month", limit: 130n },
        ];
        const open: { amount: bigint; spent: bigint }[] = [];
        for (const { amount, spent, settles } of steps) {
          if (counters.reserve(claims, amount) === null) open.push({ amount, spent: spent < amount ? spent : amount });
          if (settles) {
            const done = open.shift();
            if (done) counters.settle(claims, done.amount, done.spent);
          }
          expect(counters.used("day") <= 100n && counters.used("month") <= 130n).toBe(true);
        }
      }),
    );
  });

  it("take from every counter or from none", () => {
    const counters = new MemoryCounters();
    const day = { counter: "day", limit: 10n };
    const month = { counter: "month", limit: 5n };
    expect(counters.reserve([day, month], 6n)).toBe(month);
    expect(counters.used("day")).toBe(0n);
    expect(counters.reserve([day, month], 5n)).toBeNull();
  });

  it("let through what costs nothing, even where nothing is left", () => {
    const counters = new MemoryCounters();
    const claims = [{ counter: "day", limit: 5n }];
    counters.settle(claims, 0n, 7n);
    expect(counters.reserve(claims, 1n)).toBe(claims[0]);
    expect(counters.reserve(claims, 0n)).toBeNull();
  });

  it("keep what is spent while they are loaded", async () => {
    const counters = new MemoryCounters();
    const claims = [{ counter: "day", limit: 100n }];
    counters.reserve(claims, 5n);
    counters.reserve(claims, 6n);
    await counters.load(async () => {
      counters.settle(claims, 5n, 3n);
      return new Map([["day", 40n]]);
    });
    expect(counters.used("day")).toBe(40n + 3n + 6n);
  });
});

describe("windows", () => {
  it("are days and months of UTC", () => {
    const late = Date.UTC(2026, 11, 31, 23, 59, 59, 999);
    expect([windowOf("day", late), windowOf("month", late)]).toEqual(["2026-12-31", "2026-12"]);
    expect([nextWindow("day", late), nextWindow("month", late)]).toEqual([late + 1, late + 1]);
  });
});
