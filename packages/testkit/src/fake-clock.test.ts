import { describe, expect, it } from "vitest";
import { fakeClock } from "./index.js";

describe("fakeClock", () => {
  it("fires what falls due, in order, at its own time", () => {
    const clock = fakeClock({ now: 1_000 });
    const fired: string[] = [];
    const note = (name: string) => () => fired.push(`${name}@${clock.now()}`);
    clock.after(30, note("late"));
    clock.after(10, note("early"));
    const stop = clock.every(20, note("tick"));
    clock.after(10, () => clock.after(5, note("nested")));
    clock.after(10, note("cancelled"))();
    clock.advance(40);
    stop();
    clock.advance(100);
    expect(fired).toEqual(["early@1010", "nested@1015", "tick@1020", "late@1030", "tick@1040"]);
    expect(clock.monotonic()).toBe(140);
    expect(clock.pending).toBe(0);
  });

  it("lets promises go on between timers when asked to", async () => {
    const clock = fakeClock();
    const seen: number[] = [];
    const loop = async () => {
      for (let round = 0; round < 3; round++) {
        await new Promise<void>((resolve) => clock.after(10, resolve));
        seen.push(clock.monotonic());
      }
    };
    void loop();
    await clock.advanceAsync(25);
    expect(seen).toEqual([10, 20]);
    expect(clock.nextInMs).toBe(5);
  });

  it("repeats its identifiers and random numbers", () => {
    const draw = () => {
      const clock = fakeClock({ seed: 7 });
      return [clock.id("a-"), clock.id("a-"), clock.random(), clock.random()];
    };
    expect(draw()).toEqual(draw());
    expect(new Set(draw()).size).toBe(4);
    expect(draw()[0]).toMatch(/^a-[0-9A-Za-z]{22}$/);
  });

  it("moves until a promise settles, and no further", async () => {
    const clock = fakeClock();
    clock.after(5_000, () => {});
    const slow = new Promise<string>(
      (resolve) => void clock.after(1_000, () => clock.after(1_000, () => resolve("done"))),
    );
    expect(await clock.advanceUntil(slow)).toBe("done");
    expect(clock.monotonic()).toBe(2_000);
    await expect(clock.advanceUntil(Promise.reject(new Error("no")))).rejects.toThrow("no");
  });
});
