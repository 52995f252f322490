import { sampleModel } from "@sluice/testkit/contracts";
import { describe, expect, it } from "vitest";
import { snapshotOf } from "./snapshot.js";

describe("snapshotOf", () => {
  it("orders by layer, priority, relativeCost with null last, then id by code unit", () => {
    const rows: [string, Parameters<typeof sampleModel>[0]][] = [
      ["l0-late", { layer: "L0", priority: 9 }],
      ["l1-cheap", { layer: "L1", relativeCost: 0.5 }],
      ["l1-dear", { layer: "L1", relativeCost: 7 }],
      ["B", { layer: "L1" }],
      ["a", { layer: "L1" }],
      ["é", { layer: "L1" }],
      ["l1-second", { layer: "L1", priority: 1, relativeCost: 0 }],
      ["l3-first", { layer: "L3", priority: -5 }],
    ];
    const models = rows.map(([id, changes]) => sampleModel({ id, ...changes }));
    const orders = [models, [...models].reverse()].map((each) => snapshotOf(each).models.map(({ id }) => id));
    expect(orders[0]).toEqual(rows.map(([id]) => id));
    expect(orders[1]).toEqual(orders[0]);
  });

  it("finds models by id, by the provider's name, and by both names", () => {
    const snapshot = snapshotOf([
      sampleModel({ id: "two", provider: "vendor", apiModelName: "gpt", layer: "L2" }),
      sampleModel({ id: "one", provider: "openai", apiModelName: "gpt" }),
      sampleModel({ id: "three", provider: "openrouter", apiModelName: "openai/gpt" }),
    ]);
    const ids = (models: readonly { id: string }[] = []) => models.map(({ id }) => id);
    expect(snapshot.byId.get("two")?.layer).toBe("L2");
    expect(ids(snapshot.byApiModelName.get("gpt"))).toEqual(["one", "two"]);
    expect(ids(snapshot.byApiModelName.get("openai/gpt"))).toEqual(["three"]);
    expect(ids(snapshot.byProviderModel.get("openai/gpt"))).toEqual(["one"]);
    expect(ids(snapshot.byProviderModel.get("openrouter/openai/gpt"))).toEqual(["three"]);
    expect(snapshot.byApiModelName.get("__proto__")).toBeUndefined();
  });

  it("cannot be changed, down to the last list", () => {
    const snapshot = snapshotOf([
      sampleModel({ capabilities: ["tools"], price: { inputPerMTok: 1, outputPerMTok: 1 } }),
    ]);
    const model = snapshot.models[0];
    expect(() => Object.assign(model ?? {}, { enabled: false })).toThrow(TypeError);
    expect(() => model?.capabilities?.push("x")).toThrow(TypeError);
    expect(() => Object.assign(model?.price ?? {}, { inputPerMTok: 0 })).toThrow(TypeError);
    expect(() => (snapshot.models as unknown[]).push(1)).toThrow(TypeError); // frozen, whatever its type says
  });
});
