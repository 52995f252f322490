import fc from "fast-check";
import { expect, it } from "vitest";
import { Seats } from "./seats.js";

it("holds what a Set would hold", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat({ max: 9 }))), (steps) => {
      const entries = Array.from({ length: 10 }, (_unused, name) => ({ name, seat: -1 }));
      const seats = new Seats<(typeof entries)[number]>();
      const model = new Set<(typeof entries)[number]>();
      for (const [coming, name] of steps) {
        const entry = entries[name];
        if (!entry) throw new Error("out of range");
        if (coming) {
          seats.add(entry);
          model.add(entry);
        } else {
          seats.delete(entry);
          model.delete(entry);
        }
        expect(seats.size).toBe(model.size);
        expect(new Set(seats.snapshot())).toEqual(model);
      }
    }),
  );
});
