import { describe, expect, it } from "vitest";
import { snapshotOf } from "../models/snapshot.js";
import type { Model } from "../schemas/model.js";
import type { Identity } from "../spec/http.js";
import type { Provider } from "../spec/provider.js";
import { Planner } from "./planner.js";

const provider: Provider = { name: "vendor", dialect: "openai", send() {} };

function model(id: string): Model {
  return {
    id,
    provider: "vendor",
    apiModelName: id,
    layer: "L0",
    enabled: true,
    priority: 0,
    relativeCost: null,
    fallbacks: [],
    timeouts: {},
    created: 0,
  };
}

const planner = () =>
  new Planner({
    provider: () => provider,
    layerEnabled: () => true,
    defaultLayer: "L0",
    maxEscalationLayer: "L0",
  });

const catalog = snapshotOf([model("a"), model("b")]);
const call = { operation: "chat" as const, request: { model: "auto", messages: [] }, fixedModel: false };

function narrowed(id: string, models: string[], kind: Identity["kind"] = "key"): Identity {
  return { id, kind, role: "client", models };
}

describe("a plan", () => {
  it("is made once for everybody who may use every model", () => {
    const plans = planner();
    const first = plans.plan(call, catalog);
    expect(plans.plan(call, catalog, { id: "k", kind: "key", role: "client" })).toBe(first);
    expect(first.map(({ model: { id } }) => id)).toEqual(["a", "b"]);
  });

  it("is made once for each narrowed key, and holds for nobody else", () => {
    const plans = planner();
    const [a, b] = [narrowed("one", ["a"]), narrowed("two", ["b"])];
    const [planOfA, planOfB] = [plans.plan(call, catalog, a), plans.plan(call, catalog, b)];
    expect(planOfA.map((target) => target.model.id)).toEqual(["a"]);
    expect(planOfB.map((target) => target.model.id)).toEqual(["b"]);
    expect(plans.plan(call, catalog, a)).toBe(planOfA);
    expect(plans.plan(call, catalog)).toHaveLength(2);
  });

  it("is another once the key has changed", () => {
    const plans = planner();
    plans.plan(call, catalog, narrowed("one", ["a"]));
    const [target] = plans.plan(call, catalog, narrowed("one", ["b"]));
    expect(target?.model.id).toBe("b");
  });

  it("is another once the catalogue has", () => {
    const plans = planner();
    const key = narrowed("one", ["a", "c"]);
    plans.plan(call, catalog, key);
    expect(plans.plan(call, snapshotOf([model("a"), model("c")]), key)).toHaveLength(2);
  });

  it("is made anew for identities of the application, which change as it likes", () => {
    const plans = planner();
    const host = { ...narrowed("one", ["a"], "host") };
    const [first] = plans.plan(call, catalog, host);
    Object.assign(host, { models: ["b"] });
    const [second] = plans.plan(call, catalog, host);
    expect([first?.model.id, second?.model.id]).toEqual(["a", "b"]);
  });
});
