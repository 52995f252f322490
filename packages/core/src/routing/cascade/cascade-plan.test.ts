import { fakeProvider } from "@sluice/testkit";
import { describe, expect, it } from "vitest";
import { ChatRequest } from "../../schemas/chat.js";
import { type LayerName, NewModel } from "../../schemas/model.js";
import { GatewayConfig } from "../../schemas/options.js";
import type { Target } from "../target.js";
import { planCascade } from "./cascade-plan.js";
import { policyOf } from "./policy.js";

type Mode = GatewayConfig["routing"]["mode"];

const PERMITTED = { enableAutoEscalate: true, enableCrossCheck: true };

function target(id: string): Target {
  const layer = id.slice(0, 2) as LayerName;
  const model = { ...NewModel.parse({ id, provider: "fake", apiModelName: id, layer }), created: 0 };
  return { model, provider: fakeProvider(), reason: `auto:${layer}` };
}

/** The plan for a catalogue of these models, with `auto` walking from its lowest layer; as ids. */
function planFor(mode: Mode, ids: readonly string[], request: object = {}, routing: object = PERMITTED) {
  const chat = ChatRequest.parse({ messages: [{ role: "user", content: "What is 17 * 3?" }], ...request });
  const config = GatewayConfig.parse({ routing: { mode, ...routing } }).routing;
  const policy = policyOf(chat.sluice, config);
  if (policy === null) return null;
  const targets = ids.map(target);
  const below = (layer: LayerName) => targets.filter(({ model }) => model.layer === layer);
  const choice = planCascade({ request: chat, policy, targets, below });
  if ("skipped" in choice) return choice.skipped;
  const idsOf = (list: readonly Target[]) => list.map(({ model }) => model.id);
  const verifier = choice.verifier && {
    ids: idsOf(choice.verifier.targets),
    reworded: choice.verifier.reworded,
  };
  return { answer: choice.answer[0]?.model.id, verifier, escalation: idsOf(choice.escalation) };
}

const FOUR = ["L0-free", "L1-a", "L1-b", "L2-mid", "L3-top"];

describe("the plan of a cascade", () => {
  it.each([
    ["economy", { answer: "L1-a", verifier: null, escalation: ["L2-mid", "L3-top"] }],
    ["balanced", { answer: "L1-a", verifier: { ids: ["L0-free", "L1-b"], reworded: false }, escalation: ["L3-top"] }],
    ["quality", { answer: "L1-a", verifier: { ids: ["L1-b"], reworded: false }, escalation: ["L3-top"] }],
    ["free-first", { answer: "L0-free", verifier: { ids: ["L0-free"], reworded: true }, escalation: ["L3-top"] }],
    ["off", null],
  ] as const)("%s", (mode, expected) => {
    expect(planFor(mode, FOUR)).toEqual(expected);
  });

  it("asks the same model in other words where there is no second one", () => {
    expect(planFor("quality", ["L1-a", "L3-top"])).toMatchObject({ verifier: { ids: ["L1-a"], reworded: true } });
  });

  it("answers with the free layer where there is no cheap one", () => {
    expect(planFor("economy", ["L0-free", "L3-top"])).toMatchObject({ answer: "L0-free", escalation: ["L3-top"] });
  });

  it.each([
    ["tools", { tools: [{ type: "function", function: { name: "f" } }] }],
    ["several choices", { n: 2 }],
    ["logprobs", { logprobs: true }],
    ["seed", { seed: 0 }],
    ["images", { messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "data:," } }] }] }],
    [
      "conversation",
      {
        messages: [
          { role: "assistant", content: "Hi" },
          { role: "user", content: "And?" },
        ],
      },
    ],
  ])("judges nothing with %s", (reason, request) => {
    expect(planFor("balanced", FOUR, request)).toBe(reason);
  });

  it.each([
    "Write a short story about a dog.",
    "Please implement a function in Python that sorts.",
    "Summarize this: …",
  ])("does not compare answers to: %s", (content) => {
    expect(planFor("balanced", FOUR, { messages: [{ role: "user", content }] })).toMatchObject({
      verifier: null,
      escalation: ["L3-top"],
    });
  });

  it("has nothing to do on a single layer", () => {
    expect(planFor("balanced", ["L1-a", "L1-b"])).toBe("nothing above");
  });

  it("needs the permissions", () => {
    expect(planFor("balanced", FOUR, {}, { ...PERMITTED, enableAutoEscalate: false })).toBeNull();
    expect(planFor("balanced", FOUR, {}, { ...PERMITTED, enableCrossCheck: false })).toMatchObject({ verifier: null });
  });

  it("does what a request asks for, within what is permitted", () => {
    expect(planFor("balanced", FOUR, { sluice: { escalate: false } })).toBeNull();
    expect(planFor("off", FOUR, { sluice: { escalate: true } })).toMatchObject({ answer: "L1-a", verifier: null });
    expect(planFor("off", FOUR, { sluice: { escalate: true } }, { enableAutoEscalate: false })).toBeNull();
    expect(planFor("off", FOUR, { sluice: { crossCheck: true } }, { enableAutoEscalate: false })).toMatchObject({
      verifier: { ids: ["L0-free", "L1-b"] },
      escalation: [],
    });
  });
});
