import { fakeClock } from "@sluice/testkit";
import { describe, expect, it } from "vitest";
import { UpstreamFailure } from "../dialects/upstream-failure.js";
import { RestingModels } from "./rest.js";

const broken = new UpstreamFailure("upstream_failed");
const limited = (retryAfterMs: number) => new UpstreamFailure("upstream_rate_limited", { retryAfterMs });

/** A model that has failed five times in a row, and the time it rests. */
function opened() {
  const clock = fakeClock();
  const resting = new RestingModels(clock);
  for (let count = 0; count < 5; count++) resting.failed("m", broken);
  const restMs = () => {
    const startedAt = clock.monotonic();
    while (resting.isOpen("m")) clock.advance(10);
    return clock.monotonic() - startedAt;
  };
  return { clock, resting, restMs };
}

describe("a model that fails again and again", () => {
  it("rests after the fifth time, for some five seconds and then for longer, up to a minute", () => {
    const { resting, restMs } = opened();
    for (const expected of [5_000, 10_000, 20_000, 40_000, 60_000, 60_000]) {
      const rested = restMs();
      expect(rested).toBeGreaterThan(0.7 * expected);
      expect(rested).toBeLessThan(1.3 * expected);
      resting.failed("m", broken);
    }
  });

  it("is tried by one call at a time when it has rested", () => {
    const { clock, resting, restMs } = opened();
    restMs();
    resting.trying("m");
    expect(resting.isOpen("m")).toBe(true);
    clock.advance(10_000); // the call that tried it never came back
    expect(resting.isOpen("m")).toBe(false);
    resting.trying("m");
    resting.succeeded("m");
    expect(resting.isOpen("m")).toBe(false);
    resting.trying("m");
    expect(resting.isOpen("m")).toBe(false);
  });
});

describe("a model whose provider names a time", () => {
  it("rests for the longest time it was told, and no longer than ten minutes", () => {
    const clock = fakeClock();
    const resting = new RestingModels(clock);
    resting.failed("m", limited(3_000));
    resting.failed("m", limited(1_000));
    expect(resting.askedMs("m")).toBe(3_000);
    clock.advance(3_000);
    expect(resting.askedMs("m")).toBe(0);
    resting.failed("m", limited(1e12));
    expect(resting.askedMs("m")).toBe(600_000);
    expect(resting.isOpen("m")).toBe(false);
  });
});
