import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Alert, Gateway, type GatewayOptions, type Identity, memoryStore } from "@sluice/core";
import { fakeProvider, gate, openai } from "@sluice/testkit";
import { afterEach, describe, expect, it } from "vitest";
import { AlertList, BudgetList } from "../../src/schemas/budget.js";

const ASK = { model: "paid", messages: [{ role: "user" as const, content: "Hello!" }], max_tokens: 100 };
/** A dollar per thousand tokens: 100 tokens of answer cost 10 cents. */
const PRICE = { inputPerMTok: 0, outputPerMTok: 1_000 };
const USAGE = { prompt_tokens: 10, completion_tokens: 50, total_tokens: 60 };

const open: Gateway[] = [];
afterEach(() => Promise.all(open.splice(0).map((gateway) => gateway.close())));

function gatewayWith(options: GatewayOptions, chat: () => unknown = () => openai.completion({ usage: USAGE })) {
  const vendor = fakeProvider({
    name: "vendor",
    operations: ["chat", "completions"],
    chat: chat as () => ReturnType<typeof openai.completion>,
  });
  const gateway = new Gateway({
    providers: { vendor },
    models: [
      { id: "paid", provider: "vendor", apiModelName: "m", layer: "L1", price: PRICE },
      { id: "free", provider: "vendor", apiModelName: "f", layer: "L0", price: { inputPerMTok: 0, outputPerMTok: 0 } },
      { id: "unpriced", provider: "vendor", apiModelName: "u", layer: "L1" },
    ],
    ...options,
  });
  open.push(gateway);
  return { gateway, vendor };
}

const key = (id: string, userId?: string): Identity => ({ id, kind: "key", role: "client", userId });

async function request(gateway: Gateway, method: string, path: string, body?: object): Promise<Response> {
  const init = body ? { body: JSON.stringify(body), headers: { "content-type": "application/json" } } : {};
  return gateway.fetch(new Request(`http://localhost${path}`, { method, ...init }));
}

describe("a request's own limit", () => {
  it("refuses a call that may cost more, with 402 and no word of a retry, and calls nobody", async () => {
    const { gateway, vendor } = gatewayWith({});
    const answer = await request(gateway, "POST", "/v1/chat/completions", { ...ASK, sluice: { maxCostUsd: 0.0999 } });
    expect(answer.status).toBe(402);
    expect(answer.headers.get("x-should-retry")).toBe("false");
    expect(await answer.json()).toMatchObject({ details: expect.stringMatching(/maxCostUsd .* \$0\.1;/) });
    expect(vendor.calls).toHaveLength(0);
    await gateway.chat({ ...ASK, sluice: { maxCostUsd: 0.1 } });
  });

  it("goes on to a model that fits", async () => {
    const { gateway, vendor } = gatewayWith({});
    await gateway.chat({ ...ASK, sluice: { maxCostUsd: 0.01, fallbacks: ["free"] } });
    expect(vendor.calls.map(({ model }) => model)).toEqual(["f"]);
  });

  it("does not guess what a model without a price costs", async () => {
    const { gateway } = gatewayWith({});
    const asking = gateway.chat({ ...ASK, model: "unpriced", sluice: { maxCostUsd: 100 } });
    await expect(asking).rejects.toMatchObject({
      code: "insufficient_quota",
      details: expect.stringMatching(/no price/),
    });
  });
});

describe("budgets", () => {
  const budget = (fields: object) => ({
    id: "b",
    scope: "global" as const,
    window: "day" as const,
    limitUsd: 0.25,
    ...fields,
  });

  it("let through exactly as many calls at once as they can pay for, and settle what was not needed", async () => {
    const hold = gate();
    const { gateway, vendor } = gatewayWith({ cost: { budgets: [budget({ limitUsd: 0.35 })] } }, async () => {
      await hold.opened;
      return openai.completion({ usage: USAGE });
    });
    const calls = Array.from({ length: 10 }, () => gateway.chat(ASK));
    const outcomes = Promise.allSettled(calls);
    while (vendor.calls.length < 3) await new Promise((resolve) => setImmediate(resolve));
    hold.open();
    const states = (await outcomes).map(({ status }) => status);
    expect(states.filter((state) => state === "fulfilled")).toHaveLength(3);
    const { data } = BudgetList.parse(await (await request(gateway, "GET", "/v1/budgets")).json());
    expect(data[0]?.usedUsd).toBe(0.15); // three times half of what was reserved
    await gateway.chat(ASK);
    await gateway.chat(ASK);
    await expect(gateway.chat(ASK)).resolves.toBeDefined();
    await expect(gateway.chat(ASK)).rejects.toMatchObject({ code: "insufficient_quota" });
  });

  it("count each key and each user for itself, in several windows at once", async () => {
    const { gateway } = gatewayWith({
      cost: {
        budgets: [
          budget({ id: "key-day", scope: "key", limitUsd: 0.12 }),
          budget({ id: "ann-month", scope: "user", subject: "ann", window: "month", limitUsd: 0.19 }),
        ],
      },
    });
    await gateway.chat(ASK, { identity: key("one", "ann") });
    await expect(gateway.chat(ASK, { identity: key("one", "ann") })).rejects.toMatchObject({
      details: expect.stringMatching(/budget key-day/),
    });
    await gateway.chat(ASK, { identity: key("two", "ann") });
    await expect(gateway.chat(ASK, { identity: key("three", "ann") })).rejects.toMatchObject({
      details: expect.stringMatching(/budget ann-month/),
    });
    await gateway.chat(ASK, { identity: key("three", "bob") });
    await gateway.chat(ASK); // the application itself has no key and no user
  });

  it("leave free models to those who have nothing left", async () => {
    const { gateway } = gatewayWith({ cost: { budgets: [budget({ limitUsd: 0 })] } });
    await gateway.chat({ ...ASK, model: "free" });
    await expect(gateway.chat(ASK)).rejects.toMatchObject({ code: "insufficient_quota" });
  });

  it("cannot be filled by a call that claims to give something back", async () => {
    const hold = gate();
    const { gateway, vendor } = gatewayWith(
      {
        cost: { budgets: [budget({ limitUsd: 0.2 })] },
        models: [
          { id: "old", provider: "vendor", apiModelName: "o", layer: "L0", price: PRICE, operations: ["completions"] },
          { id: "paid", provider: "vendor", apiModelName: "m", layer: "L1", price: PRICE },
        ],
      },
      async () => {
        await hold.opened;
        return openai.completion({ usage: USAGE });
      },
    );
    const completion = request(gateway, "POST", "/v1/completions", {
      model: "old",
      prompt: "x",
      max_tokens: 100,
      n: -50,
    });
    while (vendor.calls.length < 1) await new Promise((resolve) => setImmediate(resolve));
    const { data } = BudgetList.parse(await (await request(gateway, "GET", "/v1/budgets")).json());
    expect(data[0]?.usedUsd).toBe(0.1);
    const chat = gateway.chat(ASK);
    await expect(gateway.chat(ASK)).rejects.toMatchObject({ code: "insufficient_quota" });
    hold.open();
    await Promise.all([completion, chat]);
  });

  it("know after a restart what was spent before", async () => {
    const store = { ...memoryStore(), close: async () => {} };
    const options = { store, cost: { budgets: [budget({ limitUsd: 0.12 })] } };
    const { gateway: first } = gatewayWith(options);
    await first.chat(ASK);
    await first.close();
    const { gateway: second } = gatewayWith(options);
    await expect(second.chat(ASK)).rejects.toMatchObject({ code: "insufficient_quota" });
  });

  it("can be added, changed and removed over HTTP, those of the configuration too", async () => {
    const { gateway } = gatewayWith({ cost: { budgets: [budget({ id: "seed" })] } });
    await gateway.chat(ASK);
    expect((await request(gateway, "POST", "/v1/budgets", budget({ id: "seed" }))).status).toBe(409);
    const made = await request(gateway, "POST", "/v1/budgets", budget({ id: "new", limitUsd: 0.1 }));
    expect([made.status, await made.json()]).toEqual([
      201,
      { ...budget({ id: "new", limitUsd: 0.1 }), subject: null, usedUsd: 0.05, resetsAt: expect.any(String) },
    ]);
    await expect(gateway.chat(ASK)).rejects.toMatchObject({ details: expect.stringMatching(/budget new/) });
    expect((await request(gateway, "PATCH", "/v1/budgets/new", { limitUsd: 9 })).status).toBe(200);
    await gateway.chat(ASK);
    expect((await request(gateway, "DELETE", "/v1/budgets/seed")).status).toBe(200);
    expect((await request(gateway, "DELETE", "/v1/budgets/seed")).status).toBe(404);
    const { data } = BudgetList.parse(await (await request(gateway, "GET", "/v1/budgets")).json());
    expect(data.map(({ id }) => id)).toEqual(["new"]);
  });

  it.each([
    [{ scope: "planet" }, "scope"],
    [{ window: "hour" }, "window"],
    [{ limitUsd: -1 }, "limitUsd"],
    [{ subject: "x" }, "subject"],
    [{ id: "a b" }, "id"],
  ])("refuse %j and name the field", async (fields, name) => {
    const { gateway } = gatewayWith({});
    const answer = await request(gateway, "POST", "/v1/budgets", budget(fields));
    expect(answer.status).toBe(400);
    expect(JSON.stringify(await answer.json())).toContain(name);
  });
});

describe("alerts", () => {
  it("are raised once a day when the threshold is passed: an event, a list, a signed message", async () => {
    const received: { headers: Record<string, unknown>; body: string }[] = [];
    const server = createServer((incoming, outgoing) => {
      incoming.setEncoding("utf8");
      let body = "";
      incoming.on("data", (part) => (body += part));
      incoming.on("end", () => {
        received.push({ headers: incoming.headers, body });
        outgoing.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    const secret = "a secret of the test";
    const { gateway } = gatewayWith({ cost: { costAlertThreshold: 0.08, alertWebhook: { url, secret } } });
    const raised: Alert[] = [];
    gateway.on("cost-alert", (alert) => raised.push(alert));
    await gateway.chat(ASK);
    expect(raised).toEqual([]);
    for (let made = 0; made < 3; made++) await gateway.chat(ASK);
    while (received.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(raised).toMatchObject([{ kind: "threshold", usedUsd: 0.1, limitUsd: 0.08 }]);
    const { data } = AlertList.parse(await (await request(gateway, "GET", "/v1/alerts")).json());
    expect(data).toEqual(raised);
    const [message] = received;
    const [, seconds, signature] =
      /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(message?.headers["x-sluice-signature"])) ?? [];
    expect(signature).toBe(createHmac("sha256", secret).update(`${seconds}.${message?.body}`).digest("hex"));
    expect(JSON.parse(message?.body ?? "")).toEqual({ type: "cost-alert", alert: raised[0] });
    const path = `/v1/alerts/${encodeURIComponent(data[0]?.id ?? "")}`;
    expect((await request(gateway, "DELETE", path)).status).toBe(200);
    expect((await request(gateway, "DELETE", path)).status).toBe(404);
    await gateway.chat(ASK);
    expect(raised).toHaveLength(1);
    server.close();
  });

  it("say which budget is spent, once", async () => {
    const budgets = [{ id: "b", scope: "key" as const, window: "month" as const, limitUsd: 0.01 }];
    const { gateway } = gatewayWith({ cost: { budgets, costAlertThreshold: 0 } });
    const raised: Alert[] = [];
    gateway.on("cost-alert", (alert) => raised.push(alert));
    for (let made = 0; made < 3; made++) await gateway.chat(ASK, { identity: key("one") }).catch(() => {});
    await new Promise((resolve) => setImmediate(resolve));
    expect(raised).toMatchObject([{ kind: "budget", budget: "b", subject: "one", limitUsd: 0.01 }]);
  });
});
