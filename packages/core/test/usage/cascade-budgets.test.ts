import { Gateway, type GatewayOptions, type Identity, type Judge } from "@sluice/core";
import { type FakeProvider, fakeProvider, openai } from "@sluice/testkit";
import { afterEach, describe, expect, it } from "vitest";

const ASK = { model: "auto", messages: [{ role: "user" as const, content: "What is 17 * 3?" }], max_tokens: 100 };
const ANN: Identity = { id: "key-1", kind: "key", role: "client", userId: "ann" };
const USAGE = { prompt_tokens: 10, completion_tokens: 50, total_tokens: 60 };

/** Dollars a call can cost at most, with 100 tokens of answer. Each comes to half of it. */
const MOST = { free: 0, check: 0.01, cheap: 0.1, strong: 1 };
const PRICES = Object.fromEntries(
  Object.entries(MOST).map(([name, most]) => [name, { inputPerMTok: 0, outputPerMTok: most * 10_000 }]),
);

/** A busy machine is slow. */
const PATIENT = { timeout: 10_000 };

const open: Gateway[] = [];
afterEach(() => Promise.all(open.splice(0).map((gateway) => gateway.close())));

interface Answers {
  readonly check?: string;
  readonly cheap?: string;
  readonly strong?: string;
}

function layered({ check = "50", cheap = "52", strong = "51" }: Answers = {}, options: GatewayOptions = {}) {
  const answering = (name: string, content: string) =>
    fakeProvider({ name, chat: () => openai.completion({ content, usage: USAGE }) });
  const providers = {
    checker: answering("checker", check),
    cheap: answering("cheap", cheap),
    strong: answering("strong", strong),
  };
  const gateway = new Gateway({
    providers,
    models: [
      { id: "l0", provider: "checker", apiModelName: "l0", layer: "L0", price: PRICES.check },
      { id: "l1", provider: "cheap", apiModelName: "l1", layer: "L1", price: PRICES.cheap },
      { id: "l3", provider: "strong", apiModelName: "l3", layer: "L3", price: PRICES.strong, maxOutputTokens: 100 },
    ],
    ...options,
    routing: {
      mode: "balanced",
      defaultLayer: "L1",
      enableAutoEscalate: true,
      maxEscalationLayer: "L3",
      ...options.routing,
    },
  });
  open.push(gateway);
  return { gateway, ...providers };
}

function called(...providers: readonly FakeProvider[]): readonly number[] {
  return providers.map(({ calls }) => calls.length);
}

async function ask(gateway: Gateway, body: object = {}) {
  const id = await new Promise<string>((resolve, reject) => {
    gateway.once("request", ({ requestId }) => resolve(requestId));
    gateway.chat({ ...ASK, ...body }, { identity: ANN }).catch(reject);
  });
  await expect
    .poll(async () => (await gateway.usage.requests()).data.some((each) => each.id === id), PATIENT)
    .toBe(true);
  return gateway.usage.request(id);
}

function budget(limitUsd: number, whose: { scope: "global" | "key" | "user"; subject?: string } = { scope: "global" }) {
  return { id: "b", window: "day" as const, limitUsd, ...whose };
}

describe("a cascade asks the budget", () => {
  it.each([
    ["the request", { sluice: { maxCostUsd: 0.5 } }, {}],
    ["everybody", {}, { budgets: [budget(0.5)] }],
    ["the key", {}, { budgets: [budget(0.5, { scope: "key", subject: "key-1" })] }],
    ["the user", {}, { budgets: [budget(0.5, { scope: "user", subject: "ann" })] }],
  ])("of %s before it escalates, and keeps the first answer where it has no room", async (_whose, body, cost) => {
    const { gateway, cheap, checker, strong } = layered({}, { cost });
    const receipt = await ask(gateway, body);
    expect(called(checker, cheap, strong)).toEqual([1, 1, 0]);
    expect(receipt).toMatchObject({ model: "l1", status: "finished", costUsd: 0.055 });
    expect(receipt.omitted).toEqual([{ step: "escalation", model: "l3", reason: "budget" }]);
    expect(receipt.calls.find(({ model }) => model === "l1")?.verdicts).toMatchObject([
      { judge: "sanity" },
      { judge: "agreement", outcome: "reject" },
    ]);
  });

  it("of the request before it checks an answer: the answer goes first where there is room for one only", async () => {
    const { gateway, cheap, checker, strong } = layered();
    const receipt = await ask(gateway, { sluice: { maxCostUsd: 0.105 } });
    expect(called(checker, cheap, strong)).toEqual([0, 1, 0]);
    expect(receipt.omitted).toEqual([{ step: "verifier", model: "l0", reason: "budget" }]);
    expect(receipt.calls).toMatchObject([{ model: "l1", role: "answer", status: "finished" }]);
  });

  it("and gives back the share of an escalation it has no money for", async () => {
    const { gateway, strong } = layered({}, { routing: { maxEscalationShare: 0.5 } });
    await ask(gateway);
    for (let made = 0; made < 3; made++) await ask(gateway, { sluice: { maxCostUsd: 0.5 } });
    expect(called(strong)).toEqual([0]);
    await ask(gateway);
    await ask(gateway);
    expect(called(strong)).toEqual([2]);
  });

  it("and answers from a lower layer where nothing is left for the cheap one", async () => {
    const { gateway, cheap, checker } = layered({}, { routing: { defaultLayer: "L0", enableCrossCheck: false } });
    const receipt = await ask(gateway, { sluice: { maxCostUsd: 0.05 } });
    expect(called(checker, cheap)).toEqual([1, 0]);
    expect(receipt).toMatchObject({ model: "l0", status: "finished" });
    expect(receipt.omitted).toEqual([
      { step: "answer", model: "l1", reason: "budget" },
      { step: "answer", model: "l3", reason: "budget" },
    ]);
  });

  it("and says in the header what kept a rejected answer", async () => {
    const { gateway } = layered();
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ ...ASK, sluice: { maxCostUsd: 0.5, receipt: true } });
    const init = { method: "POST", headers, body };
    const answer = await gateway.fetch(new Request("http://localhost/v1/chat/completions", init));
    expect(answer.headers.get("x-sluice-limited")).toBe("budget");
    expect(await answer.json()).toMatchObject({
      sluice: { receipt: { omitted: [{ step: "escalation", model: "l3", reason: "budget" }] } },
    });
  });

  it("as can be seen before it is asked", async () => {
    const { gateway, strong } = layered({}, { cost: { budgets: [budget(0.5)] } });
    const { targets, excluded, cascade, omitted } = await gateway.explain(ASK, { identity: ANN });
    expect(targets.map(({ model }) => model)).toEqual(["l1"]);
    expect(excluded).toContainEqual(expect.objectContaining({ model: "l3", reason: "budget" }));
    expect(cascade).toMatchObject({ answer: ["l1"], verifier: { models: ["l0"] }, escalation: [] });
    expect(omitted).toContainEqual({ step: "escalation", model: "l3", reason: "budget" });
    expect(called(strong)).toEqual([0]);
  });

  it("and says beforehand what is left beside the answer, and what only if that costs less than it may", async () => {
    const { gateway, cheap, checker, strong } = layered();
    const tight = await gateway.explain({ ...ASK, sluice: { maxCostUsd: 0.105 } });
    expect(tight).toMatchObject({ cascade: { answer: ["l1"], verifier: { models: [] }, escalation: [] } });
    expect(tight.targets).toMatchObject([{ model: "l1", mostUsd: 0.1 }]);
    expect(tight.omitted.map(({ step, model }) => [step, model])).toEqual([
      ["answer", "l3"],
      ["verifier", "l0"],
      ["escalation", "l3"],
    ]);
    const roomy = await gateway.explain({ ...ASK, sluice: { maxCostUsd: 1.1 } });
    expect(roomy).toMatchObject({
      cascade: { verifier: { models: ["l0"] }, escalation: ["l3"] },
      omitted: [],
      uncertain: [{ step: "escalation", model: "l3", reason: "budget" }],
    });
    expect(await gateway.explain({ ...ASK, sluice: { maxCostUsd: 1.11 } })).toMatchObject({ uncertain: [] });
    await ask(gateway, { sluice: { maxCostUsd: 1.1 } }); // answer and check come to half of what they may
    expect(called(checker, cheap, strong)).toEqual([1, 1, 1]);
  });

  it("and says what else kept it from escalating", async () => {
    const { gateway } = layered({}, { routing: { maxEscalationShare: 0 } });
    const receipt = await ask(gateway, { sluice: { crossCheck: true } });
    expect(receipt.omitted).toEqual([{ step: "escalation", model: null, reason: "share" }]);
  });
});

describe("a judge's model", () => {
  const TALE = "Once upon a time there was a number that wanted to be multiplied, and so it was, for ever and ever.";

  it("is booked to the request it judges, its key and its user, and counts on their budgets", async () => {
    const { gateway, strong } = layered(
      { check: TALE, cheap: TALE, strong: "REJECT: this is no number" },
      { routing: { judgeModel: "l3" }, cost: { budgets: [budget(20, { scope: "user" })] } },
    );
    const receipt = await ask(gateway);
    expect(called(strong)).toEqual([2]);
    expect(receipt.calls.map(({ model, role, status }) => [model, role, status]).sort()).toEqual([
      ["l0", "verifier", "finished"],
      ["l1", "answer", "discarded"],
      ["l3", "answer", "finished"],
      ["l3", "judge", "finished"],
    ]);
    expect(receipt).toMatchObject({ key: "key-1", user: "ann", costUsd: 1.055 });
    expect((await gateway.usage.requests()).data).toHaveLength(1);
    const { data } = await gateway.usage.totals({ groupBy: ["user"] });
    expect(data).toMatchObject([{ group: { user: "ann" }, calls: 4, costUsd: 1.055 }]);
  });

  it("is told to be brief, so that a budget keeps no more back for it than a verdict needs", async () => {
    const { gateway, strong } = layered({ check: TALE, cheap: TALE }, { routing: { judgeModel: "l3" } });
    await gateway.chat(ASK, { identity: ANN });
    expect(JSON.parse(String(strong.calls[0]?.body))).toMatchObject({ max_completion_tokens: 1_000 });
  });

  it("is not asked where a budget has no room for it, which is its verdict's reason", async () => {
    const { gateway, strong } = layered({ check: TALE, cheap: TALE }, { routing: { judgeModel: "l3" } });
    const receipt = await ask(gateway, { sluice: { maxCostUsd: 0.5 } });
    expect(called(strong)).toEqual([0]);
    expect(receipt.omitted).toEqual([{ step: "judge", model: "l3", reason: "budget" }]);
    const answer = receipt.calls.find(({ model }) => model === "l1");
    expect(answer?.verdicts.at(-1)).toEqual({ judge: "llm-judge", outcome: "unknown", reason: "budget" });
  });

  it("can be asked by a judge of the application, on the same account", async () => {
    const asking: Judge = {
      name: "asking",
      alone: true,
      async judge({ ask: askModel, answers: [{ text }] }) {
        const said = await askModel("l0", [{ role: "user", content: `Is ${text} right?` }]);
        return { outcome: said === "no" ? "reject" : "accept", reason: said };
      },
    };
    const { gateway, checker } = layered({ check: "no" }, { judges: [asking], routing: { mode: "economy" } });
    const receipt = await ask(gateway);
    expect(called(checker)).toEqual([1]);
    expect(receipt).toMatchObject({ model: "l3" });
    expect(receipt.calls.find(({ role }) => role === "judge")).toMatchObject({ model: "l0", costUsd: 0.005 });
  });

  it("is stopped when the caller leaves", async () => {
    const leaving = new AbortController();
    const { gateway } = layered({ check: TALE, cheap: TALE }, { routing: { judgeModel: "hanging" } });
    await gateway.models.create({ id: "hanging", provider: "strong", apiModelName: "h", layer: "L2" });
    gateway.on("attempt", ({ model }) => {
      if (model === "hanging") leaving.abort();
    });
    await expect(gateway.chat(ASK, { signal: leaving.signal, identity: ANN })).rejects.toMatchObject({
      code: "client_closed_request",
    });
    const [request] = (await gateway.usage.requests()).data;
    const { calls } = await gateway.usage.request(request?.id ?? "");
    expect(calls.map(({ model }) => model).sort()).toEqual(["hanging", "l0", "l1"]);
  });
});
