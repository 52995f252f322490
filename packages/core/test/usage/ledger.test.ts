import { Gateway, type GatewayOptions, type LedgerRow, memoryStore, type Store } from "@sluice/core";
import {
  anthropic,
  error,
  type FakeProviderOptions,
  fakeProvider,
  faults,
  gate,
  openai,
  openrouter,
} from "@sluice/testkit";
import { describe, expect, it } from "vitest";

const ASK = { messages: [{ role: "user" as const, content: "Hello!" }] };
const PRICE = {
  inputPerMTok: 3,
  outputPerMTok: 15,
  cacheReadPerMTok: 0.3,
  cacheWritePerMTok: 3.75,
  cacheWrite1hPerMTok: 6,
};

/** A gateway of one model at each provider, in their order, and the rows it books. */
function booked(providers: readonly FakeProviderOptions[], options: GatewayOptions = {}) {
  const rows: LedgerRow[] = [];
  const plain = memoryStore();
  const store: Store = {
    ...plain,
    usage: {
      ...plain.usage,
      async append(added) {
        rows.push(...added);
        await plain.usage.append(added);
      },
    },
  };
  const made = providers.map((each, index) => fakeProvider({ name: `p${index}`, ...each }));
  const gateway = new Gateway({
    store,
    providers: Object.fromEntries(made.map((each) => [each.name, each])),
    models: made.map(({ name }, priority) => ({
      id: `m-${name}`,
      provider: name,
      apiModelName: "m",
      layer: "L0",
      priority,
      price: PRICE,
    })),
    ...options,
  });
  return {
    gateway,
    /** Everything booked, once the gateway has closed. */
    async rows() {
      await gateway.close();
      return rows;
    },
  };
}

async function drained(gateway: Gateway, request: Parameters<Gateway["stream"]>[0] = ASK): Promise<void> {
  for await (const _chunk of gateway.stream(request));
}

describe("the ledger", () => {
  it("books a whole answer with its tokens, its price and its exact cost", async () => {
    const { gateway, rows } = booked([
      {
        chat: () =>
          openai.completion({
            usage: {
              prompt_tokens: 100,
              completion_tokens: 10,
              total_tokens: 110,
              prompt_tokens_details: { cached_tokens: 40 },
              completion_tokens_details: { reasoning_tokens: 4 },
            },
          }),
      },
    ]);
    await gateway.chat(
      { ...ASK, sluice: { tags: ["a", "b"] } },
      { identity: { id: "key-1", kind: "key", role: "client", userId: "ann" } },
    );
    const [row, ...others] = await rows();
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      attempt: 1,
      key: "key-1",
      user: "ann",
      tags: ["a", "b"],
      model: "m-p0",
      provider: "p0",
      layer: "L0",
      operation: "chat",
      stream: false,
      role: "answer",
      status: "finished",
      usageSource: "reported",
      usage: { input: 60, cacheRead: 40, cacheWrite5m: 0, cacheWrite1h: 0, output: 10, reasoning: 4 },
      cost: 60 * 3e6 + 40 * 0.3e6 + 10 * 15e6,
      costReported: false,
      strongest: { model: "m-p0", cost: 60 * 3e6 + 40 * 0.3e6 + 10 * 15e6 },
      partial: false,
      ttftMs: null,
    });
  });

  it("overwrites Anthropic's cumulative counts, and never adds them", async () => {
    const usage = {
      input_tokens: 20,
      cache_read_input_tokens: 5,
      cache_creation: { ephemeral_5m_input_tokens: 7, ephemeral_1h_input_tokens: 11 },
      cache_creation_input_tokens: 18,
      output_tokens: 9,
    };
    const whole = booked([{ dialect: "anthropic", chat: () => anthropic.message({ content: "Hi", usage }) }]);
    await whole.gateway.chat(ASK);
    const streamed = booked([{ dialect: "anthropic", stream: () => anthropic.stream(["Hi", " there"], { usage }) }]);
    await drained(streamed.gateway);
    const [one] = await whole.rows();
    const [other] = await streamed.rows();
    expect(other?.usage).toEqual({
      input: 20,
      cacheRead: 5,
      cacheWrite5m: 7,
      cacheWrite1h: 11,
      output: 9,
      reasoning: 0,
    });
    expect(other).toMatchObject({ usage: one?.usage, cost: one?.cost, usageSource: "reported", status: "finished" });
    expect(other?.cost).toBe(20 * 3e6 + 5 * 0.3e6 + 7 * 3.75e6 + 11 * 6e6 + 9 * 15e6);
  });

  it("keeps explicit zeros, and takes a count nobody gave for unknown", async () => {
    const zero = booked([
      { chat: () => openai.completion({ usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 } }) },
    ]);
    await zero.gateway.chat(ASK);
    expect(await zero.rows()).toMatchObject([{ usageSource: "reported", cost: 0, estimatedCost: null }]);
    const none = booked([{ chat: () => openai.completion({ usage: null }) }]);
    await none.gateway.chat(ASK);
    expect(await none.rows()).toMatchObject([
      { usageSource: "none", usage: null, cost: null, estimatedCost: expect.any(Number) },
    ]);
  });

  it("books every upstream call of a request, the failed ones too", async () => {
    const { gateway, rows } = booked([
      { fail: () => Object.assign(new Error("no"), { code: "ECONNREFUSED" }) },
      { chat: () => error(400, { error: { message: "no such model", code: "model_not_found" } }) },
      { chat: () => faults.truncatedJson('{"choices":[') },
      {},
    ]);
    await gateway.chat({ ...ASK, model: "m-p0", sluice: { fallbacks: ["m-p1", "m-p2", "m-p3"] } }).catch(() => {});
    const all = await rows();
    expect(all.map(({ attempt }) => attempt)).toEqual(all.map((_row, index) => index + 1));
    expect(all[0]).toMatchObject({
      model: "m-p0",
      status: "failed",
      code: "upstream_failed",
      cost: 0,
      usageSource: "none",
    });
  });

  it("books a call that fails in the middle as partial, with what was seen", async () => {
    const { gateway, rows } = booked([
      { stream: () => openai.stream(["one ", "two "], { finish_reason: null, done: false }) },
    ]);
    await expect(drained(gateway)).rejects.toMatchObject({ code: "upstream_failed" });
    expect(await rows()).toMatchObject([
      { status: "failed", partial: true, usageSource: "partial-estimated", cost: null, usage: { output: 2 } },
    ]);
  });

  it("books a call whose caller leaves once, with the prompt's size", async () => {
    const reached = gate();
    const { gateway, rows } = booked([{ stream: () => ["one ", "two ", reached, "three "] }]);
    const leaving = new AbortController();
    const reading = (async () => {
      for await (const _chunk of gateway.stream(ASK, { signal: leaving.signal }));
    })();
    await reached.reached;
    leaving.abort();
    await expect(reading).rejects.toMatchObject({ code: "client_closed_request" });
    const all = await rows();
    expect(all).toMatchObject([
      { status: "aborted", partial: true, usageSource: "partial-estimated", cost: null, usage: { output: 2 } },
    ]);
    expect(all[0]?.usage?.input).toBeGreaterThan(5);
    expect(all[0]?.estimatedCost).toBe((all[0]?.usage?.input ?? 0) * 3e6 + 2 * 15e6);
  });

  it("takes what a provider says it charged, where it says so in dollars", async () => {
    const usage = { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12, cost: 0.00014 };
    const reporting = booked([{ reportsCost: true, chat: () => openrouter.completion({ usage }) }]);
    await reporting.gateway.chat(ASK);
    expect(await reporting.rows()).toMatchObject([{ cost: 140_000_000, costReported: true }]);
    const other = booked([{ chat: () => openrouter.completion({ usage }) }]);
    await other.gateway.chat(ASK);
    expect(await other.rows()).toMatchObject([{ cost: 9 * 3e6 + 3 * 15e6, costReported: false }]);
  });

  it("does not know what a model without a price costs", async () => {
    const { gateway, rows } = booked([{}], {
      models: [{ id: "m", provider: "p0", apiModelName: "m", layer: "L0" }],
    });
    await gateway.chat(ASK);
    expect(await rows()).toMatchObject([{ price: null, cost: null, estimatedCost: null, strongest: null }]);
  });
});
