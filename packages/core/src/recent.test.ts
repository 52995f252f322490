import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Recent } from "./recent.js";

const KEYS = ["a", "b", "c", "d", "e"];

/** The same by an ordinary map, in which what is set or asked for goes to the end. */
class Model {
  readonly entries = new Map<string, number>();

  add(key: string, value: number): boolean {
    if (this.entries.has(key)) return false;
    this.entries.set(key, value);
    return true;
  }

  get(key: string): number | undefined {
    const value = this.entries.get(key);
    if (value !== undefined) this.set(key, value);
    return value;
  }

  set(key: string, value: number): void {
    this.entries.delete(key);
    this.entries.set(key, value);
  }

  shrinkTo(most: number): void {
    for (const key of [...this.entries.keys()].slice(0, Math.max(0, this.entries.size - most)))
      this.entries.delete(key);
  }
}

const steps = fc.array(
  fc.oneof(
    fc.tuple(fc.constant("set" as const), fc.constantFrom(...KEYS), fc.nat()),
    fc.tuple(fc.constant("add" as const), fc.constantFrom(...KEYS), fc.nat()),
    fc.tuple(fc.constant("get" as const), fc.constantFrom(...KEYS), fc.constant(0)),
    fc.tuple(fc.constant("delete" as const), fc.constantFrom(...KEYS), fc.constant(0)),
    fc.tuple(fc.constant("shrink" as const), fc.constant(""), fc.nat(5)),
  ),
);

describe("a map that knows its oldest entry", () => {
  it("holds what an ordinary map would, in the order in which entries were set or asked for", () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const recent = new Recent<number>();
        const model = new Model();
        for (const [step, key, number] of taken) {
          if (step === "set") for (const each of [recent, model]) each.set(key, number);
          else if (step === "add") expect(recent.add(key, number)).toBe(model.add(key, number));
          else if (step === "get") expect(recent.get(key)).toBe(model.get(key));
          else if (step === "shrink") for (const each of [recent, model]) each.shrinkTo(number);
          else {
            recent.delete(key);
            model.entries.delete(key);
          }
          expect([...recent.fromOldest()]).toEqual([...model.entries]);
          expect(recent.values()).toEqual([...model.entries.values()]);
          expect(recent.size).toBe(model.entries.size);
        }
      }),
    );
  });

  it("gives an entry another key", () => {
    const recent = new Recent<number>();
    recent.set("a", 1);
    recent.set("b", 2);
    recent.rename("a", "c");
    expect([...recent.fromOldest()]).toEqual([
      ["b", 2],
      ["c", 1],
    ]);
  });
});
