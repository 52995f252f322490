import { setTimeout as sleep } from "node:timers/promises";
import type { Gateway, GatewayOptions } from "@sluice/core";
import { fakeProvider, faults, type Gate, gate, openai } from "@sluice/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Call, callable } from "./http/call.js";

const ASK = { messages: [{ role: "user" as const, content: "Hello!" }] };

let gateway: Gateway;
let call: Call;
let door: Gate;

beforeEach(() => {
  door = gate();
  const slow = fakeProvider({ name: "slow", stream: () => ["first", door, "second"] });
  ({ gateway, call } = callable({
    providers: { slow },
    models: [{ id: "one", provider: "slow", apiModelName: "one", layer: "L0" }],
    overload: { maxCalls: 2 },
  }));
});

afterEach(() => {
  door.open();
  return gateway.close();
});

/** Begins a stream, and says how to go on with it. */
async function begun() {
  const stream = gateway.stream(ASK);
  await stream.next();
  return stream;
}

describe("a provider whose slots are taken", () => {
  const WAIT = 128;

  function behind(others: readonly ReturnType<typeof fakeProvider>[]) {
    const slow = fakeProvider({
      name: "slow",
      concurrency: 1,
      chat: () => faults.waitAfter(openai.completion({}), 0, door),
    });
    const providers = [slow, ...others];
    return callable({
      providers: Object.fromEntries(providers.map((provider) => [provider.name, provider])),
      models: providers.map(({ name }, priority) => ({
        id: name,
        provider: name,
        apiModelName: "m",
        layer: "L0",
        priority,
      })),
    }).gateway;
  }

  it("lets so many wait, and refuses the next at once", async () => {
    const full = behind([]);
    const inside = Array.from({ length: WAIT + 1 }, () => full.chat(ASK));
    await expect(full.chat(ASK)).rejects.toMatchObject({ code: "server_overloaded", retryAfterMs: 1_000 });
    door.open();
    expect(await Promise.all(inside)).toHaveLength(WAIT + 1);
    await full.close();
  });

  it("sends the next to another provider, where there is one", async () => {
    const other = fakeProvider({ name: "other" });
    const full = behind([other]);
    const inside = Array.from({ length: WAIT + 1 }, () => full.chat(ASK));
    await full.chat(ASK);
    expect(other.calls).toHaveLength(1);
    door.open();
    await Promise.all(inside);
    await full.close();
  });
});

describe("with as many calls as may run", () => {
  it("refuses the next one, over HTTP and in the process, with a time", async () => {
    const streams = [await begun(), await begun()];
    const refused = await call("POST /v1/chat/completions", { json: ASK });
    expect(refused).toMatchObject({
      status: 503,
      body: { error: "The gateway is overloaded", details: "2 calls run, as many as may (overload.maxCalls)" },
    });
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(await call("POST /v1/embeddings", { json: { model: "one", input: "x" } })).toMatchObject({ status: 503 });
    await expect(gateway.chat(ASK)).rejects.toMatchObject({ code: "server_overloaded" });
    door.open();
    for (const stream of streams) for await (const _ of stream);
    expect((await gateway.chat(ASK)).choices).toHaveLength(1);
  });

  it("does not read the bodies of what it refuses", async () => {
    await Promise.all([begun(), begun()]);
    expect((await call("POST /v1/chat/completions", { text: "{ no JSON" })).status).toBe(503);
  });

  it("answers everything else, and health says what is the matter", async () => {
    await Promise.all([begun(), begun()]);
    for (const path of ["/livez", "/readyz", "/v1/models", "/v1/config", "/docs"])
      expect([path, (await call(`GET ${path}`)).status]).toEqual([path, 200]);
    expect((await call("POST /v1/route/explain", { json: ASK })).status).toBe(200);
    const { status, body } = await call("GET /health");
    expect([status, body]).toEqual([
      200,
      expect.objectContaining({ status: "degraded", overload: expect.stringContaining("overload.maxCalls") }),
    ]);
  });

  it("lets more run once more may", async () => {
    const streams = [await begun(), await begun()];
    const models = [{ id: "one", provider: "slow", apiModelName: "one", layer: "L0" as const }];
    const slow = fakeProvider({ name: "slow" });
    await gateway.config.reload({ providers: { slow }, models, overload: { maxCalls: 3 } });
    expect((await gateway.chat(ASK)).choices).toHaveLength(1);
    await gateway.config.reload({ providers: { slow }, models, overload: { maxCalls: 2 } });
    await expect(gateway.chat(ASK)).rejects.toMatchObject({ code: "server_overloaded" }); // the two from before count
    door.open();
    for (const stream of streams) for await (const _ of stream);
    expect((await gateway.health()).overload).toBeUndefined();
  });
});

describe("a process that is held up", () => {
  const MANY = 128;

  /** Holds everything up, as too much work does. */
  function work(ms: number): void {
    const until = performance.now() + ms;
    while (performance.now() < until);
  }

  async function heldUp(): Promise<void> {
    for (let times = 0; times < 6; times++) {
      work(300);
      await sleep(0); // the tick that is due, late
    }
  }

  function gatewayWith(overload: GatewayOptions["overload"]): Gateway {
    const slow = fakeProvider({ name: "slow", stream: () => ["first", door, "second"] });
    const models = [{ id: "one", provider: "slow", apiModelName: "one", layer: "L0" as const }];
    return callable({ providers: { slow }, models, overload }).gateway;
  }

  async function streams(from: Gateway, count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, () => from.stream(ASK).next()));
  }

  it("refuses calls while many run, and lets them in again when it is in time", async () => {
    const busy = gatewayWith({ eventLoopDelayMs: 200 });
    await streams(busy, MANY);
    await heldUp();
    await expect(busy.chat(ASK)).rejects.toMatchObject({
      code: "server_overloaded",
      details: expect.stringContaining("overload.eventLoopDelayMs"),
    });
    expect((await busy.health()).overload).toContain("200 ms late");
    const answered = () => busy.chat(ASK).then(() => "answered", String);
    await expect.poll(answered, { timeout: 30_000, interval: 200 }).toBe("answered");
    door.open();
    await busy.close();
  });

  it("refuses none while few run, nor where that is switched off", async () => {
    const [few, off] = [gatewayWith({ eventLoopDelayMs: 200 }), gatewayWith({ eventLoopDelayMs: null })];
    await streams(few, MANY / 2);
    await streams(off, MANY);
    await heldUp();
    for (const each of [few, off]) expect((await each.chat(ASK)).choices).toHaveLength(1);
    door.open();
    await Promise.all([few.close(), off.close()]);
  });
});
