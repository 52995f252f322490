import { expect, it } from "vitest";
import type { StoreBench } from "./store-bench.js";
import { sampleModel } from "./store-place.js";

/** What is there after the store was opened again. */
export function persistenceCases(at: StoreBench): void {
  it("finds everything again", async () => {
    await at.create(sampleModel({ id: "live" }));
    await at.models.update("dead", () => null);
    const before = await at.models.load();
    await at.store.close();
    const again = await at.connect();
    expect(await at.modelsOf(again).load()).toEqual(before);
  });

  it("may be opened again after it was closed", async () => {
    await at.create(sampleModel());
    await at.store.close();
    await at.store.open();
    expect(await at.entries()).toHaveLength(1);
  });
}

/** Two connections in one process. */
export function sharingCases(at: StoreBench): void {
  it("opens one new place from many connections at once", async () => {
    const fresh = await at.newPlace();
    const many = Array.from({ length: 5 }, () => fresh.connect());
    await Promise.all(many.map((each) => each.open()));
    await Promise.all(many.map((each, index) => at.create(sampleModel({ id: `m${index}` }), each)));
    expect(await at.entries(many[0])).toHaveLength(5);
    await Promise.all(many.map((each) => each.close()));
    await fresh.remove?.();
  });

  it("shows each connection the other's writes", async () => {
    const other = await at.connect();
    await at.create(sampleModel());
    expect(await at.entries(other)).toHaveLength(1);
    await expect(at.create(sampleModel(), other)).rejects.toMatchObject({ code: "conflict" });
    await at.modelsOf(other).reset();
    expect(await at.entries()).toEqual([]);
  });

  it("loses no update between two connections", async () => {
    const other = await at.connect();
    await at.create(sampleModel());
    await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        (index % 2 ? at.models : at.modelsOf(other)).update("openai-sample", (current) => ({
          ...sampleModel(),
          priority: (current?.priority ?? 0) + 1,
        })),
      ),
    );
    expect((await at.entries())[0]?.[1]?.priority).toBe(50);
  });
}

/** Two processes, one of which is killed. */
export function processCases(at: StoreBench): void {
  it("keeps what was acknowledged right before kill -9", async () => {
    const process = await at.startProcess();
    for (let index = 0; index < 5; index++) {
      await process.create(sampleModel({ id: `m${index}` }));
    }
    await process.kill();
    expect((await at.entries()).map(([id]) => id).sort()).toEqual(["m0", "m1", "m2", "m3", "m4"]);
    await at.store.close();
    expect(await at.entries(await at.connect())).toHaveLength(5);
  });

  it("loses no update between the processes", async () => {
    const process = await at.startProcess();
    await at.create(sampleModel());
    const here = async () => {
      for (let index = 0; index < 50; index++) {
        await at.models.update("openai-sample", (current) => ({
          ...sampleModel(),
          priority: (current?.priority ?? 0) + 1,
        }));
      }
    };
    await Promise.all([here(), process.countUp("openai-sample", 50)]);
    expect((await at.entries())[0]?.[1]?.priority).toBe(100);
  });

  it("works on after the other process was killed in the middle of its writes", async () => {
    const process = await at.startProcess();
    await at.create(sampleModel());
    const writing = process.countUp("openai-sample", 100_000).catch(() => {});
    await expect.poll(async () => (await at.entries())[0]?.[1]?.priority, { timeout: 10_000 }).toBeGreaterThan(3);
    await process.kill();
    await writing;
    await at.models.update("openai-sample", () => sampleModel({ priority: -1 }));
    expect((await at.entries())[0]?.[1]?.priority).toBe(-1);
  });
}
