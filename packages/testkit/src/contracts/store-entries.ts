import { describe, expect, it } from "vitest";
import type { StoreBench } from "./store-bench.js";
import { sampleModel } from "./store-place.js";

/** Thrown by the contract's own update functions, to be told from a store's failure. */
class CallerError extends Error {}

/** Creating, changing and forgetting entries. */
export function describeEntries(at: StoreBench): void {
  describe("entries", () => {
    it("starts empty", async () => {
      expect(await at.entries()).toEqual([]);
    });

    it("creates and loads a model", async () => {
      const model = sampleModel({ relativeCost: 1.5, contextWindow: 8192, capabilities: ["tools"] });
      await at.store.models.create(model);
      expect(await at.entries()).toEqual([[model.id, model]]);
    });

    it("refuses a second model of the same id and keeps the first", async () => {
      await at.store.models.create(sampleModel());
      await expect(at.store.models.create(sampleModel({ layer: "L3" }))).rejects.toMatchObject({ code: "conflict" });
      expect(await at.entries()).toEqual([["openai-sample", sampleModel()]]);
    });

    it("updates a model and returns what was written", async () => {
      await at.store.models.create(sampleModel());
      const written = await at.store.models.update("openai-sample", (current) => {
        if (!current) throw new CallerError("not found");
        return { ...current, enabled: false };
      });
      expect(written).toEqual(sampleModel({ enabled: false }));
      expect(await at.entries()).toEqual([["openai-sample", sampleModel({ enabled: false })]]);
    });

    it("hands undefined to an update of an id it never heard of", async () => {
      const seen: unknown[] = [];
      await at.store.models.update("openai-sample", (current) => {
        seen.push(current);
        return sampleModel();
      });
      expect(seen).toEqual([undefined]);
      expect(await at.entries()).toEqual([["openai-sample", sampleModel()]]);
    });

    it("keeps a tombstone, hands null to the next update, and lets create replace it", async () => {
      await at.store.models.update("openai-sample", () => null);
      expect(await at.entries()).toEqual([["openai-sample", null]]);
      const seen: unknown[] = [];
      await at.store.models.update("openai-sample", (current) => {
        seen.push(current);
        return null;
      });
      expect(seen).toEqual([null]);
      await at.store.models.create(sampleModel());
      expect(await at.entries()).toEqual([["openai-sample", sampleModel()]]);
    });

    it("throws on what the caller's function throws, and writes nothing", async () => {
      await at.store.models.create(sampleModel());
      const { revision } = await at.store.models.load();
      const refuse = () => {
        throw new CallerError("no");
      };
      await expect(at.store.models.update("openai-sample", refuse)).rejects.toBeInstanceOf(CallerError);
      await expect(at.store.models.update("another", refuse)).rejects.toBeInstanceOf(CallerError);
      expect(await at.store.models.load()).toEqual({
        revision,
        entries: new Map([["openai-sample", sampleModel()]]),
      });
    });

    it("forgets models and tombstones on reset", async () => {
      await at.store.models.create(sampleModel());
      await at.store.models.update("other", () => null);
      await at.store.models.reset();
      expect(await at.entries()).toEqual([]);
      await at.store.models.create(sampleModel());
    });

    it("counts the revision up with each write and with nothing else", async () => {
      const revisions: number[] = [];
      const note = async () => revisions.push((await at.store.models.load()).revision);
      await note();
      await note();
      await at.store.models.create(sampleModel());
      await note();
      await at.store.models.create(sampleModel()).catch(() => {});
      await note();
      await at.store.models.update("openai-sample", () => null);
      await note();
      await at.store.models.reset();
      await note();
      const [first = 0] = revisions;
      expect(revisions[1]).toBe(first);
      expect(revisions[3]).toBe(revisions[2]);
      const steps = [first, revisions[2], revisions[4], revisions[5]].map(Number);
      expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
    });

    it("is not changed through the objects it took or gave", async () => {
      const model = sampleModel({ capabilities: ["tools"] });
      await at.store.models.create(model);
      model.capabilities?.push("vision");
      (await at.store.models.load()).entries.get(model.id)?.capabilities?.push("audio");
      const written = await at.store.models.update(model.id, (current) => current ?? sampleModel());
      written.capabilities?.push("json");
      expect(await at.entries()).toEqual([[model.id, sampleModel({ capabilities: ["tools"] })]]);
    });
  });
}
