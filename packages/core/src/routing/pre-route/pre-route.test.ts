import { describe, expect, it } from "vitest";
import { LearnedScore } from "./learned-score.js";
import { LEAST_OUTCOMES, PreRoute } from "./pre-route.js";

/** Prompts of which those about tensors are hard. */
function prompt(index: number): string {
  return index % 4 === 0
    ? `Contract the tensor number ${index} along its axes.`
    : `Greet guest number ${index} kindly.`;
}

describe("the score before a call", () => {
  it("sends the wanted share of traffic up, whatever the traffic is", () => {
    const preRoute = new PreRoute(0.2);
    const high = Array.from({ length: 2_000 }, (_, index) => {
      const look = preRoute.look("word ".repeat((index * 37) % 500));
      preRoute.book(look);
      return look.score >= look.threshold;
    });
    expect(high.slice(1_000).filter(Boolean).length / 1_000).toBeCloseTo(0.2, 1);
  });

  it("sends nothing up where no share is wanted", () => {
    expect(new PreRoute(0).look("Prove it. ".repeat(1_000)).threshold).toBe(Number.POSITIVE_INFINITY);
  });

  it("follows the rule until it has seen enough outcomes, and then what it learned", () => {
    const preRoute = new PreRoute(0.25);
    for (let index = 0; index < LEAST_OUTCOMES - 1; index++) preRoute.learn(prompt(index), index % 4 === 0);
    expect(preRoute.look(prompt(0)).by).toBe("rule");
    preRoute.learn(prompt(LEAST_OUTCOMES), true);
    expect(preRoute.look(prompt(0)).by).toBe("learned");
    expect(preRoute.look(prompt(1_000)).score).toBeGreaterThan(preRoute.look(prompt(1_001)).score);
  });

  it("goes on from what was kept", () => {
    const before = new LearnedScore();
    for (let index = 0; index < 200; index++) before.learn(prompt(index), index % 4 === 0 ? 1 : 0);
    const after = new LearnedScore();
    after.restore(JSON.parse(JSON.stringify(before.state())));
    expect(after.score(prompt(300))).toBe(before.score(prompt(300)));
    expect(after.outcomes).toBe(200);
  });

  it("passes over state of another shape", () => {
    const score = new LearnedScore();
    score.restore({ outcomes: 9, weights: "AAAA", slopes: "" });
    expect(score.outcomes).toBe(0);
  });
});
