import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Claim, MemoryCounters, type Reservation } from "./counters.js";
import { nextWindow, windowOf } from "./window.js";

function claim(counter: string, limit: bigint): Claim {
  return { counter, limit, keepMs: 60_000 };
}

describe("MemoryCounters", () => {
  it("never hold more than the limit, whatever is reserved and settled at the same time", () => {
    const step = fc.record({ amount: fc.bigInt(0n, 40n), spent: fc.bigInt(0n, 40n), settles: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const counters = new MemoryCounters();
        const claims = [claim("day", 100n), claim("month", 130n)];
        const open: { reservation: Reservation; spent: bigint }[] = [];
        for (const { amount, spent, settles } of steps) {
          const reservation = { claims, amount };
          if (counters.reserve(reservation) === null)
            open.push({ reservation, spent: spent < amount ? spent : amount });
          if (settles) {
            const done = open.shift();
            if (done) counters.settle(done.reservation, done.spent);
          }
          expect(counters.used("day") <= 100n && counters.used("month") <= 130n).toBe(true);
        }
      }),
    );
  });

  it("take from every counter or from none", () => {
    const counters = new MemoryCounters();
    const claims = [claim("day", 10n), claim("month", 5n)];
    expect(counters.reserve({ claims, amount: 6n })).toBe(claims[1]);
    expect(counters.used("day")).toBe(0n);
    expect(counters.reserve({ claims, amount: 5n })).toBeNull();
  });

  it("let through what costs nothing, even where nothing is left", () => {
    const counters = new MemoryCounters();
    const claims = [claim("day", 5n)];
    counters.settle({ claims, amount: 0n }, 7n);
    expect(counters.reserve({ claims, amount: 1n })).toBe(claims[0]);
    expect(counters.reserve({ claims, amount: 0n })).toBeNull();
  });

  it("keep what is spent while they are loaded", async () => {
    const counters = new MemoryCounters();
    const claims = [claim("day", 100n)];
    const first = { claims, amount: 5n };
    counters.reserve(first);
    counters.reserve({ claims, amount: 6n });
    await counters.load(async () => {
      counters.settle(first, 3n);
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
