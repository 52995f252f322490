import { sampleModel } from "@sluice/testkit/contracts";
import { describe, expect, it } from "vitest";
import { defaultCatalog } from "../models/default-catalog.js";
import { layerViews } from "./layers-view.js";
import { modelView } from "./model-view.js";

const DOCUMENTED = ["id", "provider", "apiModelName", "layer", "enabled", "priority"];

describe("modelView", () => {
  it("puts the documented fields first, then those of OpenAI lists, then the rest", () => {
    const view = modelView(sampleModel({ contextWindow: 5, relativeCost: 1 }));
    expect(Object.keys(view).slice(0, 9)).toEqual([...DOCUMENTED, "object", "created", "owned_by"]);
    expect(view).toEqual({
      ...sampleModel({ contextWindow: 5, relativeCost: 1 }),
      object: "model",
      owned_by: "openai",
    });
  });

  it("leaves out what the model does not have", () => {
    expect(modelView(sampleModel())).not.toHaveProperty("price");
  });
});

describe("layerViews", () => {
  it("shows the documented models as documented", () => {
    const models = defaultCatalog().filter(({ provider, layer }) => provider === "openrouter" && layer === "L0");
    expect(layerViews(models, (layer) => layer === "L0")).toMatchObject({
      L0: {
        enabled: true,
        models: [
          {
            id: "openrouter-qwen-qwen3-235b-a22b:free",
            provider: "openrouter",
            apiModelName: "qwen/qwen3-235b-a22b:free",
            enabled: true,
            priority: 0,
          },
          {
            id: "openrouter-llama-3.3-70b-free",
            provider: "openrouter",
            apiModelName: "meta-llama/llama-3.3-70b-instruct:free",
            enabled: true,
            priority: 1,
          },
        ],
        providers: ["openrouter"],
      },
      L1: { enabled: false, models: [], providers: [] },
      L2: { enabled: false, models: [], providers: [] },
      L3: { enabled: false, models: [], providers: [] },
    });
  });

  it("does not repeat the layer inside, and names each provider once", () => {
    const models = ["a", "b", "c"].map((id) => sampleModel({ id, provider: id === "b" ? "vendor" : "openai" }));
    const { L1 } = layerViews(models, () => true);
    expect(Object.keys(L1.models[0] ?? {}).slice(0, 5)).toEqual(DOCUMENTED.filter((field) => field !== "layer"));
    expect(L1.models[0]).not.toHaveProperty("layer");
    expect(L1.providers).toEqual(["openai", "vendor"]);
  });
});
