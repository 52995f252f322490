import { describe, expect, it } from "vitest";
import type { StoreBench } from "./store-bench.js";
import { sampleModel } from "./store-place.js";

/** Many writers in one process. */
export function describeConcurrency(at: StoreBench): void {
  describe("concurrency", () => {
    it("loses none of 100 parallel updates of one model", async () => {
      await at.create(sampleModel());
      await Promise.all(
        Array.from({ length: 100 }, () =>
          at.models.update("openai-sample", (current) => ({
            ...sampleModel(),
            priority: (current?.priority ?? 0) + 1,
          })),
        ),
      );
      expect((await at.entries())[0]?.[1]?.priority).toBe(100);
    });

    it("lets exactly one of many creates of an id win", async () => {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 20 }, (_, priority) => at.create(sampleModel({ priority }))),
      );
      expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      for (const outcome of outcomes) {
        if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "conflict" });
      }
    });

    it("keeps every one of 100 parallel creates", async () => {
      await Promise.all(Array.from({ length: 100 }, (_, index) => at.create(sampleModel({ id: `m${index}` }))));
      expect(await at.entries()).toHaveLength(100);
    });
  });
}

/** Opening, closing, and what comes before and after. */
export function describeLifeCycle(at: StoreBench): void {
  describe("life cycle", () => {
    it("may be opened again while it is open", async () => {
      await at.create(sampleModel());
      await Promise.all([at.store.open(), at.store.open()]);
      expect(await at.entries()).toHaveLength(1);
    });

    it("answers a ping", async () => {
      await expect(at.store.ping()).resolves.toBeUndefined();
    });

    it("finishes what was begun before it closed", async () => {
      const writes = Promise.all(Array.from({ length: 5 }, (_, index) => at.create(sampleModel({ id: `m${index}` }))));
      await writes;
      await expect(at.store.close()).resolves.toBeUndefined();
      await expect(at.store.close()).resolves.toBeUndefined();
    });

    it.each<[string, () => Promise<unknown>]>([
      ["load", () => at.models.load()],
      ["create", () => at.create(sampleModel())],
      ["update", () => at.models.update("a", () => null)],
      ["reset", () => at.models.reset()],
      ["ping", () => at.store.ping()],
    ])("says that it is not open on %s after close", async (_name, use) => {
      await at.store.close();
      await expect(use()).rejects.toMatchObject({ code: "store_unavailable", status: 503 });
    });

    it("says that it is not open before open", async () => {
      await expect(at.modelsOf(at.place.connect()).load()).rejects.toMatchObject({ code: "store_unavailable" });
    });
  });
}
