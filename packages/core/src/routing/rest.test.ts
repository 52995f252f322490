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

describe("a model that fails often", () => {
  /** Calls with so many failures in each ten, spread so that never two fail in a row. */
  function calls(
    resting: RestingModels,
    clock: ReturnType<typeof fakeClock>,
    { count = 0, everyMs = 0, failEvery = 2 },
  ) {
    for (let call = 0; call < count; call++) {
      if (call % failEvery === 1) resting.failed("m", broken);
      else resting.succeeded("m");
      clock.advance(everyMs);
    }
  }

  it.each([
    ["half of twenty", { count: 20, failEvery: 2 }, true],
    ["half of fewer than twenty", { count: 18, failEvery: 2 }, false],
    ["a third, of however many", { count: 300, failEvery: 3 }, false],
    ["half of twenty within half a minute", { count: 20, everyMs: 1_200, failEvery: 2 }, true],
    ["half of so few that there are not twenty in half a minute", { count: 100, everyMs: 2_000, failEvery: 2 }, false],
  ])("rests after %s, though it never fails twice in a row: %j", (_what, load, rests) => {
    const clock = fakeClock();
    const resting = new RestingModels(clock);
    calls(resting, clock, load);
    expect(resting.isOpen("m")).toBe(rests);
  });

  it("is judged by what came before, too", () => {
    const clock = fakeClock();
    const resting = new RestingModels(clock);
    calls(resting, clock, { count: 100, failEvery: 1_000 });
    calls(resting, clock, { count: 100, failEvery: 2 });
    expect(resting.isOpen("m")).toBe(false); // a quarter of all
    clock.advance(30_000);
    calls(resting, clock, { count: 20, failEvery: 2 });
    expect(resting.isOpen("m")).toBe(true);
  });

  it("starts afresh with the first answer after its rest", () => {
    const clock = fakeClock();
    const resting = new RestingModels(clock);
    calls(resting, clock, { count: 20, failEvery: 2 });
    clock.advance(7_000);
    resting.trying("m");
    resting.succeeded("m");
    calls(resting, clock, { count: 18, failEvery: 2 });
    expect(resting.isOpen("m")).toBe(false);
  });
});

describe("calls that were on their way when a model began to rest", () => {
  it("neither end its rest nor make it longer", () => {
    const { resting, restMs } = opened();
    for (let count = 0; count < 60; count++) resting.failed("m", broken);
    resting.succeeded("m");
    expect(resting.isOpen("m")).toBe(true);
    expect(restMs()).toBeLessThan(6_500);
    resting.trying("m");
    resting.failed("m", broken);
    const rested = restMs();
    expect(rested).toBeGreaterThan(7_000);
    expect(rested).toBeLessThan(13_000);
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
