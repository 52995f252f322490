import { describe, expect, it } from "vitest";
import { LAYERS, StoredModel } from "../schemas/model.js";
import { defaultCatalog } from "./default-catalog.js";
import { snapshotOf } from "./snapshot.js";

describe("defaultCatalog", () => {
  it.each(defaultCatalog().map((model) => [model.id, model] as const))("%s is a valid model", (_id, model) => {
    expect(StoredModel.strict().parse(model)).toEqual(model);
  });

  it("has distinct ids and distinct upstream models", () => {
    expect(new Set(defaultCatalog().map(({ id }) => id)).size).toBe(defaultCatalog().length);
    expect(new Set(defaultCatalog().map(({ provider, apiModelName }) => `${provider}/${apiModelName}`)).size).toBe(
      defaultCatalog().length,
    );
  });

  it("starts with the two documented models and ends L0 with the simulator", () => {
    const free = snapshotOf(defaultCatalog()).models.filter(({ layer }) => layer === "L0");
    expect(free.map(({ id }) => id)).toEqual([
      "openrouter-qwen-qwen3-235b-a22b:free",
      "openrouter-llama-3.3-70b-free",
      "simulator",
    ]);
  });

  it("serves each paid layer from each provider", () => {
    for (const layer of LAYERS.slice(1)) {
      const models = defaultCatalog().filter((model) => model.layer === layer && !model.operations);
      expect(new Set(models.map(({ provider }) => provider))).toEqual(new Set(["openai", "anthropic", "openrouter"]));
    }
  });
});
