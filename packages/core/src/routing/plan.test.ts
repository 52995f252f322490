import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { snapshotOf } from "../models/snapshot.js";
import { ChatRequest } from "../schemas/chat.js";
import { LAYERS, type LayerName, type Model } from "../schemas/model.js";
import type { Provider } from "../spec/provider.js";
import { type PlanInput, planCall } from "./plan.js";

function model(id: string, layer: LayerName, more: Partial<Model> = {}): Model {
  return {
    id,
    provider: "openrouter",
    apiModelName: `vendor/${id}`,
    layer,
    enabled: true,
    priority: 0,
    relativeCost: null,
    fallbacks: [],
    timeouts: {},
    created: 0,
    ...more,
  };
}

function provider(name: string, simulated = false): Provider {
  return { name, dialect: "openai", simulated, send() {} };
}

function input(
  models: readonly Model[],
  more: Partial<PlanInput> & { providers?: readonly Provider[] } = {},
): PlanInput {
  const providers = new Map((more.providers ?? [provider("openrouter")]).map((each) => [each.name, each]));
  return {
    catalog: snapshotOf(structuredClone(models)),
    provider: (name) => providers.get(name),
    layerEnabled: (layer) => layer === "L0",
    defaultLayer: "L0",
    maxEscalationLayer: "L0",
    ...more,
  };
}

function plan(name: string, given: PlanInput, more: object = {}): string[] {
  const request = ChatRequest.parse({ model: name, messages: [{ role: "user", content: "hi" }], ...more });
  return planCall({ operation: "chat", request, fixedModel: false }, given).map((target) => target.model.id);
}

const three = [model("a", "L0"), model("b", "L0", { priority: 1 }), model("c", "L1"), model("d", "L2")];
const open = { layerEnabled: () => true, maxEscalationLayer: "L2" as const };

const rights = { ...open, layerEnabled: () => true };

describe("planCall, for a caller with rights of its own,", () => {
  it.each<readonly [string, NonNullable<PlanInput["caller"]>, object, readonly string[]]>([
    ["auto", { models: ["b", "d"] }, {}, ["b", "d"]],
    ["auto", { layers: ["L1"] }, {}, ["c"]],
    ["auto", { models: ["a", "c"], layers: ["L0", "L2"] }, {}, ["a"]],
    ["auto:L1", { layers: ["L1", "L2"] }, {}, ["c", "d"]],
    ["c", { models: ["c"] }, {}, ["c"]],
    ["vendor/c", { models: ["c"] }, {}, ["c"]],
    ["a", { models: ["a", "c"] }, { sluice: { fallbacks: ["b", "c"] } }, ["a", "c"]],
    ["auto", { operations: ["chat"] }, {}, ["a", "b", "c", "d"]],
  ])("%s with %j and %j goes to %j", (name, caller, more, expected) => {
    expect(plan(name, input(three, { ...rights, caller }), more)).toEqual(expected);
  });

  it.each<readonly [string, NonNullable<PlanInput["caller"]>, object]>([
    ["d", { models: ["a"] }, {}],
    ["openrouter/vendor/d", { models: ["a"] }, {}],
    ["d", { layers: ["L0"] }, {}],
    ["auto:L2", { layers: ["L0"] }, {}],
    ["L2", { layers: ["L0"] }, {}],
    ["auto", { layers: ["L0"] }, { sluice: { layer: "L1" } }],
    ["auto", { layers: ["L0"] }, { sluice: { minLayer: "L1" } }],
    ["auto", { models: [] }, {}],
    ["auto", { layers: ["L3"] }, {}],
    ["auto", { operations: ["embeddings"] }, {}],
    ["auto", { operations: [] }, {}],
  ])("%s with %j and %j is forbidden", (name, caller, more) => {
    expect(() => plan(name, input(three, { ...rights, caller }), more)).toThrow(
      expect.objectContaining({ code: "forbidden" }),
    );
  });

  it("says what else is wrong where it is not the rights", () => {
    const caller = { layers: ["L3" as const] };
    expect(() => plan("auto", input(three, { ...rights, caller, providers: [] }))).toThrow("no provider is configured");
    expect(() => plan("nothing", input(three, { ...rights, caller }))).toThrow("no model is called nothing");
  });
});

describe("planCall", () => {
  it.each([
    ["auto", {}, {}, ["a", "b"]],
    ["auto", open, {}, ["a", "b", "c", "d"]],
    ["auto", { ...open, layerEnabled: (layer: string) => layer !== "L1" }, {}, ["a", "b", "d"]],
    ["auto", { ...open, defaultLayer: "L1" as const }, {}, ["c", "d"]],
    ["auto:L1", {}, {}, ["c"]],
    ["auto:L1", open, {}, ["c", "d"]],
    ["L1", open, {}, ["c"]],
    ["auto", open, { sluice: { layer: "L2" } }, ["d"]],
    ["auto", open, { sluice: { minLayer: "L1" } }, ["c", "d"]],
    ["auto", open, { sluice: { maxLayer: "L1" } }, ["a", "b", "c"]],
    ["d", {}, {}, ["d"]],
    ["vendor/d", {}, {}, ["d"]],
    ["openrouter/vendor/d", {}, {}, ["d"]],
    ["d", {}, { sluice: { fallbacks: ["a", "d", "c"] } }, ["d", "a", "c"]],
    ["d", {}, { models: ["d", "c"] }, ["d", "c"]],
  ])("%s with %o and %o goes to %j", (name, options, more, expected) => {
    expect(plan(name, input(three, options), more)).toEqual(expected);
  });

  it("follows the fallbacks of a named model and passes over those that are gone", () => {
    const models = [model("a", "L3", { fallbacks: ["gone", "vendor/b"] }), model("b", "L0")];
    expect(plan("a", input(models))).toEqual(["a", "b"]);
  });

  it("asks which one when a name stands for two upstreams", () => {
    const providers = [provider("openrouter"), provider("openai")];
    const models = [
      model("x", "L1", { apiModelName: "gpt" }),
      model("y", "L1", { apiModelName: "gpt", provider: "openai" }),
    ];
    expect(() => plan("gpt", input(models, { providers }))).toThrow(/ambiguous; name one of x, y/);
    expect(plan("openai/gpt", input(models, { providers }))).toEqual(["y"]);
    expect(plan("gpt", input(models))).toEqual(["x"]);
  });

  it.each([
    ["nope", "model_not_found"],
    ["off", "model_not_found"],
    ["elsewhere", "no_usable_model"],
  ])("refuses %s with %s", (name, code) => {
    const models = [model("off", "L0", { enabled: false }), model("elsewhere", "L0", { provider: "openai" })];
    expect(() => plan(name, input(models))).toThrow(expect.objectContaining({ code }));
  });

  it("says what to configure when auto finds nothing", () => {
    expect(() => plan("auto", input([], { providers: [] }))).toThrow(/OPENROUTER_API_KEY/);
    expect(() => plan("auto", input([model("c", "L1")]))).toThrow(/DEFAULT_LAYER\).*L1/);
  });

  it("lets the simulator answer auto only while nothing real could", () => {
    const models = [model("sim", "L0", { provider: "simulator" }), ...three];
    const simulator = provider("simulator", true);
    expect(plan("auto", input(models, { providers: [simulator] }))).toEqual(["sim"]);
    expect(plan("auto", input(models, { providers: [simulator, provider("openrouter")] }))).toEqual(["a", "b"]);
    expect(plan("sim", input(models, { providers: [simulator, provider("openrouter")] }))).toEqual(["sim"]);
  });

  it("never plans a disabled model, a model twice, or one above the request's ceiling", () => {
    const arbitrary = fc.record({
      enabled: fc.boolean(),
      layer: fc.constantFrom(...LAYERS),
      provider: fc.constantFrom("openrouter", "absent"),
    });
    fc.assert(
      fc.property(fc.array(arbitrary, { maxLength: 8 }), fc.constantFrom(...LAYERS), (rows, maxLayer) => {
        const models = rows.map((row, index) => model(`m${index}`, row.layer, row));
        let ids: string[] = [];
        try {
          ids = plan("auto", input(models, open), { sluice: { maxLayer, fallbacks: models.map(({ id }) => id) } });
        } catch (error) {
          expect(error).toMatchObject({ code: "no_usable_model" });
        }
        expect(new Set(ids).size).toBe(ids.length);
        for (const id of ids) {
          const found = models.find((each) => each.id === id);
          expect(found).toMatchObject({ enabled: true, provider: "openrouter" });
          expect((found?.layer ?? "L9") <= maxLayer).toBe(true);
        }
      }),
    );
  });
});
