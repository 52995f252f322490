import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InOrder } from "./in-order.js";
import type { Mail } from "./mail.js";

function mail(n: number): Mail {
  return { t: "data", id: "call-1", from: "other", n, text: String(n) };
}

describe("the mail of a call", () => {
  it("is heard once and in order, in whatever order and however often it comes", () => {
    const shuffled = fc
      .integer({ min: 1, max: 40 })
      .chain((count) =>
        fc.tuple(
          fc.constant(count),
          fc.shuffledSubarray([...Array(count).keys(), ...Array(count).keys()], { minLength: 2 * count }),
        ),
      );
    fc.assert(
      fc.property(shuffled, ([count, order]) => {
        const heard: number[] = [];
        const call = new InOrder(({ n }) => heard.push(n));
        for (const n of order) {
          expect(call.take(mail(n))).toBe(true);
          expect(heard).toEqual([...Array(heard.length).keys()]);
        }
        expect(heard).toEqual([...Array(count).keys()]);
        expect(call.missing).toBe(null);
      }),
    );
  });

  it("says what is missing while later mail is there", () => {
    const heard: number[] = [];
    const call = new InOrder(({ n }) => heard.push(n));
    expect(call.missing).toBe(null);
    call.take(mail(0));
    call.take(mail(2));
    expect([heard, call.missing]).toEqual([[0], 1]);
    call.take(mail(1));
    expect([heard, call.missing]).toEqual([[0, 1, 2], null]);
  });

  it("is given up where too much of it comes early", () => {
    const call = new InOrder(() => {});
    let n = 1;
    while (call.take(mail(n))) n++;
    expect(n).toBeGreaterThan(100);
    expect(n).toBeLessThan(10_000);
  });
});
