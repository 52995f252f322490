import { MODELS } from "@sluice/core";
import { describe, expect, it } from "vitest";
import type { StoreBench } from "./store-bench.js";
import { sampleModel } from "./store-place.js";

/** A second kind of entry; that it looks like the first makes mixing them up easier. */
const NOTES = { ...MODELS, name: "notes" };

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
      await at.create(model);
      expect(await at.entries()).toEqual([[model.id, model]]);
    });

    it("refuses a second model of the same id and keeps the first", async () => {
      await at.create(sampleModel());
      await expect(at.create(sampleModel({ layer: "L3" }))).rejects.toMatchObject({ code: "conflict" });
      expect(await at.entries()).toEqual([["openai-sample", sampleModel()]]);
    });

    it("updates a model and returns what was written", async () => {
      await at.create(sampleModel());
      const written = await at.models.update("openai-sample", (current) => {
        if (!current) throw new CallerError("not found");
        return { ...current, enabled: false };
      });
      expect(written).toEqual(sampleModel({ enabled: false }));
      expect(await at.entries()).toEqual([["openai-sample", sampleModel({ enabled: false })]]);
    });

    it("hands undefined to an update of an id it never heard of", async () => {
      const seen: unknown[] = [];
      await at.models.update("openai-sample", (current) => {
        seen.push(current);
        return sampleModel();
      });
      expect(seen).toEqual([undefined]);
      expect(await at.entries()).toEqual([["openai-sample", sampleModel()]]);
    });

    it("keeps a tombstone, hands null to the next update, and lets create replace it", async () => {
      await at.models.update("openai-sample", () => null);
      expect(await at.entries()).toEqual([["openai-sample", null]]);
      const seen: unknown[] = [];
      await at.models.update("openai-sample", (current) => {
        seen.push(current);
        return null;
      });
      expect(seen).toEqual([null]);
      await at.create(sampleModel());
      expect(await at.entries()).toEqual([["openai-sample", sampleModel()]]);
    });

    it("leaves nothing of an entry whose update returns undefined", async () => {
      await at.create(sampleModel());
      const { revision } = await at.models.load();
      expect(await at.models.update("openai-sample", () => undefined)).toBeUndefined();
      expect(await at.models.update("openai-sample", () => undefined)).toBeUndefined();
      const after = await at.models.load();
      expect(after.entries.size).toBe(0);
      expect(after.revision).toBeGreaterThan(revision);
      await at.create(sampleModel());
    });

    it("keeps kinds apart: entries of one id, revisions and resets", async () => {
      const notes = at.store.entries(NOTES);
      await at.create(sampleModel());
      const { revision } = await at.models.load();
      await notes.create("openai-sample", sampleModel({ layer: "L3" }));
      expect(await at.models.load()).toEqual({ revision, entries: new Map([["openai-sample", sampleModel()]]) });
      await at.models.reset();
      const { entries } = await at.store.entries(NOTES).load();
      expect(entries).toEqual(new Map([["openai-sample", sampleModel({ layer: "L3" })]]));
    });

    it("throws on what the caller's function throws, and writes nothing", async () => {
      await at.create(sampleModel());
      const { revision } = await at.models.load();
      const refuse = () => {
        throw new CallerError("no");
      };
      await expect(at.models.update("openai-sample", refuse)).rejects.toBeInstanceOf(CallerError);
      await expect(at.models.update("another", refuse)).rejects.toBeInstanceOf(CallerError);
      expect(await at.models.load()).toEqual({
        revision,
        entries: new Map([["openai-sample", sampleModel()]]),
      });
    });

    it("forgets models and tombstones on reset", async () => {
      await at.create(sampleModel());
      await at.models.update("other", () => null);
      await at.models.reset();
      expect(await at.entries()).toEqual([]);
      await at.create(sampleModel());
    });

    it("counts the revision up with each write and with nothing else", async () => {
      const revisions: number[] = [];
      const note = async () => revisions.push((await at.models.load()).revision);
      await note();
      await note();
      await at.create(sampleModel());
      await note();
      await at.create(sampleModel()).catch(() => {});
      await note();
      await at.models.update("openai-sample", () => null);
      await note();
      await at.models.reset();
      await note();
      const [first = 0] = revisions;
      expect(revisions[1]).toBe(first);
      expect(revisions[3]).toBe(revisions[2]);
      const steps = [first, revisions[2], revisions[4], revisions[5]].map(Number);
      expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
    });

    it("is not changed through the objects it took or gave", async () => {
      const model = sampleModel({ capabilities: ["tools"] });
      await at.create(model);
      model.capabilities?.push("vision");
      (await at.models.load()).entries.get(model.id)?.capabilities?.push("audio");
      const written = await at.models.update(model.id, (current) => current ?? sampleModel());
      written.capabilities?.push("json");
      expect(await at.entries()).toEqual([[model.id, sampleModel({ capabilities: ["tools"] })]]);
    });
  });
}
