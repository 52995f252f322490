import { Gateway, type GatewayOptions, systemClock } from "@sluice/core";
import { memoryStore } from "@sluice/core/stores/memory";
import { fakeProvider, gate, openai } from "@sluice/testkit";
import { afterEach, describe, expect, it } from "vitest";

const QUESTION = { messages: [{ role: "user" as const, content: "What is 17 * 3?" }] };
const NOTHING = { same: 0, different: 0, differing: null, low: null, high: null };

/** A busy machine is slow. */
const PATIENT = { timeout: 10_000 };

const open: Gateway[] = [];
afterEach(() => Promise.all(open.splice(0).map((gateway) => gateway.close())));

type Chat = NonNullable<Parameters<typeof fakeProvider>[0]>["chat"];

function audited({ cheap, strong }: { cheap: Chat; strong: Chat }, options: GatewayOptions = {}) {
  const small = fakeProvider({ name: "small", chat: cheap });
  const large = fakeProvider({ name: "large", chat: strong });
  const price = { inputPerMTok: 1, outputPerMTok: 1 };
  const gateway = new Gateway({
    providers: { small, large },
    models: [
      { id: "l1", provider: "small", apiModelName: "l1", layer: "L1", price },
      { id: "l2", provider: "large", apiModelName: "l2", layer: "L2", price },
      { id: "l3", provider: "large", apiModelName: "l3", layer: "L3", price },
    ],
    ...options,
    routing: {
      mode: "economy",
      defaultLayer: "L1",
      enableAutoEscalate: true,
      maxEscalationLayer: "L3",
      auditShare: 1,
      ...options.routing,
    },
  });
  open.push(gateway);
  return { gateway, small, large };
}

describe("an audit", () => {
  it("asks the highest layer too, after the answer, and counts where it differs", async () => {
    let right = "51";
    const { gateway, large } = audited({ cheap: () => "The answer is 51.", strong: () => `\\boxed{${right}}` });
    const { id } = await gateway.chat(QUESTION);
    expect(id).toBeDefined();
    await expect
      .poll(() => gateway.routeAudit(), PATIENT)
      .toMatchObject({ auditShare: 1, accepted: { same: 1, different: 0 } });
    right = "52";
    await gateway.chat(QUESTION);
    await expect
      .poll(() => gateway.routeAudit(), PATIENT)
      .toMatchObject({ accepted: { same: 1, different: 1, differing: 0.5 } });
    expect(large.calls.map(({ model }) => model)).toEqual(["l3", "l3"]);
  });

  it("is a request of its own in the ledger, with a tag, and nobody else's cost", async () => {
    const { gateway } = audited({ cheap: () => "51", strong: () => "51" });
    await gateway.chat(QUESTION, { identity: { id: "key-1", kind: "key", role: "client" } });
    await expect.poll(async () => (await gateway.usage.requests()).data.length, PATIENT).toBe(2);
    const { data } = await gateway.usage.requests();
    const [audit, asked] = data.sort((one) => (one.tags.includes("audit") ? -1 : 1));
    expect(asked).toMatchObject({ key: "key-1", calls: 1, model: "l1" });
    expect(audit).toMatchObject({ key: null, user: null, tags: ["audit"], calls: 1, model: "l3", status: "finished" });
    expect((await gateway.usage.request(audit?.id ?? "")).calls).toMatchObject([{ reason: "audit:L3" }]);
  });

  it("is not made where the texts have no final answer, nor for requests whose answers cannot be compared", async () => {
    const tale = "Once upon a time there was a number that wanted to be multiplied, and so it was, for ever and ever.";
    const { gateway, large } = audited({ cheap: () => tale, strong: () => "51" });
    await gateway.chat(QUESTION);
    await gateway.chat({ messages: [{ role: "user", content: "Write a poem about 51." }] });
    expect(large.calls).toEqual([]);
    expect((await gateway.routeAudit()).accepted).toEqual(NOTHING);
  });

  it("is made for the wanted share alone", async () => {
    let drawn = 0.5;
    const { gateway, large } = audited(
      { cheap: () => "51", strong: () => "51" },
      { clock: { ...systemClock(), random: () => drawn }, routing: { auditShare: 0.1 } },
    );
    await gateway.chat(QUESTION);
    drawn = 0.09;
    await gateway.chat(QUESTION);
    await expect.poll(() => gateway.routeAudit(), PATIENT).toMatchObject({ accepted: { same: 1 } });
    expect(large.calls).toHaveLength(1);
  });

  it("that fails counts for nothing, and one that runs ends with the gateway", async () => {
    const held = gate();
    let strong: Chat = () => {
      throw new Error("connect ECONNREFUSED");
    };
    const { gateway, large } = audited(
      { cheap: () => "51", strong: (call) => strong?.(call) ?? "" },
      { routing: { attempts: 1 } },
    );
    await gateway.chat(QUESTION);
    await expect.poll(() => [large.calls.length, large.running], PATIENT).toEqual([1, 0]);
    strong = () => openai.stream([held, "never"]);
    await gateway.chat(QUESTION);
    await expect.poll(() => large.running, PATIENT).toBe(1);
    expect((await gateway.routeAudit()).accepted).toEqual(NOTHING);
    await gateway.close();
    await large.idle();
  });
});

describe("an escalation", () => {
  it("is counted by whether it was worth its price", async () => {
    const { gateway } = audited(
      { cheap: () => openai.completion({ content: "51", finish_reason: "length" }), strong: () => "51" },
      { routing: { auditShare: 0 } },
    );
    await gateway.chat(QUESTION);
    expect(await gateway.routeAudit()).toMatchObject({ accepted: NOTHING, escalated: { same: 1, different: 0 } });
  });
});

describe("GET /v1/route/audit", () => {
  it("tells what was found, also before a restart", async () => {
    const store = memoryStore();
    const { gateway } = audited({ cheap: () => "51", strong: () => "52" }, { store });
    await gateway.chat(QUESTION);
    await expect.poll(() => gateway.routeAudit(), PATIENT).toMatchObject({ accepted: { different: 1 } });
    await gateway.close();
    const { gateway: next } = audited({ cheap: () => "51", strong: () => "52" }, { store });
    const response = await next.fetch(new Request("http://localhost/v1/route/audit"));
    expect(await response.json()).toMatchObject({ auditShare: 1, accepted: { same: 0, different: 1 } });
  });
});
