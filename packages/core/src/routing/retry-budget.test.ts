import { describe, expect, it } from "vitest";
import { RetryBudget } from "./retry-budget.js";

/** How many of `wanted` repetitions a budget allows at one moment. */
function taken(budget: RetryBudget, now: number, wanted = 1_000): number {
  let count = 0;
  for (let asked = 0; asked < wanted; asked++) if (budget.take(now)) count++;
  return count;
}

describe("RetryBudget", () => {
  it("allows a fifth of the calls of the last ten seconds", () => {
    const budget = new RetryBudget();
    for (let second = 0; second < 10; second++)
      for (let call = 0; call < 100; call++) budget.count(50_000 + second * 1_000);
    expect(taken(budget, 59_000)).toBe(200);
    expect(taken(budget, 59_999)).toBe(0);
    // The first second and its calls leave the window; what was taken stays in it for ten seconds of its own.
    expect(taken(budget, 60_000)).toBe(0);
    for (let call = 0; call < 600; call++) budget.count(60_000);
    expect(taken(budget, 60_000)).toBe(100);
  });

  it("allows three a second where there are few calls, and forgets after a pause", () => {
    const budget = new RetryBudget();
    expect(taken(budget, 5_500)).toBe(30);
    expect(taken(budget, 15_000 - 1)).toBe(0);
    expect(taken(budget, 15_000)).toBe(30);
    expect(taken(budget, 1e9)).toBe(30);
  });
});
