import { describe, expect, it } from "vitest";
import type { StoreBench } from "./store-bench.js";
import { sampleModel } from "./store-place.js";

const AWKWARD_IDS = [
  "qwen/qwen3-235b-a22b:free",
  "a.b.c",
  "...",
  "%2e%2e%2f",
  "';DROP/**/TABLE/**/sluice_entries;--",
  '"quoted"',
  "`back`",
  "back\\slash",
  "__proto__",
  "constructor",
  "$1",
  "?",
  "null",
  "🦙/模型:é",
  "e\u0301",
  "x".repeat(256),
];

const AWKWARD_TEXTS: readonly [string, string][] = [
  ["a NUL character", "before\0after"],
  ["emoji", "👩‍👩‍👧‍👦 🇪🇺"],
  ["half a surrogate pair", "\ud83d"],
  ["line separators", "a\u2028b\u2029c\r\n"],
  ["SQL", "'; DELETE FROM sluice_entries; --"],
  ["a JSON text", '{"id":"other"}'],
  ["as much as the schema allows", "é".repeat(256)],
];

const AWKWARD_NUMBERS = [0.1, 1e-7, 1.7976931348623157e308, 5e-324, 2 ** 53, 123456789.123456];

/** Ids, text and numbers that stores get wrong. */
export function describeValues(at: StoreBench): void {
  describe("values", () => {
    it.each(AWKWARD_IDS)("keeps the id %j apart from every other", async (id) => {
      await at.create(sampleModel({ id: "witness" }));
      await at.create(sampleModel({ id }));
      await at.models.update(id, (current) => ({ ...sampleModel({ id }), ...current, priority: 7 }));
      const all = new Map(await at.entries());
      expect(all).toEqual(
        new Map([
          ["witness", sampleModel({ id: "witness" })],
          [id, sampleModel({ id, priority: 7 })],
        ]),
      );
      await expect(at.create(sampleModel({ id }))).rejects.toMatchObject({ code: "conflict" });
    });

    it("tells apart ids that differ only in case or in how a letter is composed", async () => {
      const ids = ["abc", "ABC", "é", "e\u0301"];
      for (const id of ids) await at.create(sampleModel({ id }));
      expect(new Set((await at.entries()).map(([id]) => id))).toEqual(new Set(ids));
    });

    it.each(AWKWARD_TEXTS)("keeps %s in text", async (_name, apiModelName) => {
      await at.create(sampleModel({ apiModelName, capabilities: [apiModelName.slice(0, 64)] }));
      expect((await at.entries())[0]?.[1]).toEqual(
        sampleModel({ apiModelName, capabilities: [apiModelName.slice(0, 64)] }),
      );
    });

    it.each(AWKWARD_NUMBERS)("keeps the number %d", async (number) => {
      const price = { inputPerMTok: number, outputPerMTok: 0 };
      await at.create(sampleModel({ relativeCost: number, price }));
      expect((await at.entries())[0]?.[1]).toEqual(sampleModel({ relativeCost: number, price }));
    });

    it("keeps the largest integers and both booleans", async () => {
      for (const enabled of [true, false]) {
        const model = sampleModel({ id: `m-${enabled}`, enabled, priority: enabled ? -(2 ** 53 - 1) : 2 ** 53 - 1 });
        await at.create(model);
        expect((await at.models.load()).entries.get(model.id)).toEqual(model);
      }
    });
  });
}
