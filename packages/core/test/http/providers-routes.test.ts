import { randomBytes } from "node:crypto";
import { Gateway, type GatewayOptions, memoryStore, PROVIDERS, type ProviderView } from "@sluice/core";
import { fakeProvider, gate, openai, type ScriptedUpstream, scriptedUpstream } from "@sluice/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { callable } from "./call.js";

const KEY = "vk-0123456789-abcd-x7Qd";
const OTHER_KEY = "vk-9876543210-dcba-aB3k";
const HEADER = "a-header-that-is-secret";
const MODEL = { id: "one", provider: "my-vendor", apiModelName: "vendor-one", layer: "L0" } as const;
const ASK = { model: "one", messages: [{ role: "user" as const, content: "Hello!" }] };

let upstream: ScriptedUpstream;
let elsewhere: ScriptedUpstream;
const gateways: Gateway[] = [];

beforeEach(async () => {
  [upstream, elsewhere] = await Promise.all([scriptedUpstream(), scriptedUpstream()]);
  upstream.always(openai.completion({ content: "here" }));
  elsewhere.always(openai.completion({ content: "elsewhere" }));
});

afterEach(async () => {
  await Promise.all(gateways.splice(0).map((gateway) => gateway.close()));
  await Promise.all([upstream.close(), elsewhere.close()]);
});

function open(options: GatewayOptions = {}) {
  const parts = callable({ models: [MODEL], ...options });
  gateways.push(parts.gateway);
  return parts;
}

function vendor(at: ScriptedUpstream = upstream) {
  return {
    id: "my-vendor",
    type: "openai-compatible",
    baseUrl: `${at.url}/v1`,
    apiKey: KEY,
    headers: { "x-s": HEADER },
  };
}

async function answer(gateway: Gateway): Promise<unknown> {
  return (await gateway.chat(ASK)).choices[0]?.message.content;
}

function sentKeys(at: ScriptedUpstream): readonly unknown[] {
  return at.requests.map(({ headers }) => headers.authorization);
}

describe("/v1/providers", () => {
  it("adds a provider that serves at once, and never shows its secrets", async () => {
    const { call, gateway } = open();
    const { status, body } = await call("POST /v1/providers", { json: { ...vendor(), concurrency: 4 } });
    expect(status).toBe(201);
    expect(body).toEqual({
      id: "my-vendor",
      type: "openai-compatible",
      source: "created",
      on: true,
      problem: null,
      healthy: true,
      baseUrl: `${upstream.url}/v1`,
      apiKeys: ["…x7Qd"],
      headers: ["x-s"],
      timeouts: {},
      concurrency: 4,
      includeUsage: true,
      version: null,
      siteUrl: null,
      siteName: null,
      latencyMs: null,
      changedAt: expect.any(String),
    });
    expect(await answer(gateway)).toBe("here");
    expect(sentKeys(upstream)).toEqual([`Bearer ${KEY}`]);
    expect(upstream.requests[0]?.headers["x-s"]).toBe(HEADER);
    for (const line of [
      "GET /v1/providers",
      "GET /v1/providers/my-vendor",
      "GET /v1/audit",
      "GET /health",
      "GET /v1/config",
    ]) {
      const shown = JSON.stringify((await call(line)).body);
      for (const secret of [KEY, HEADER]) expect(shown).not.toContain(secret.slice(0, -4));
    }
    expect((await call("GET /health")).body).toMatchObject({ providers: { "my-vendor": true } });
  });

  it("keeps its secrets sealed", async () => {
    const store = memoryStore();
    const { call } = open({ store });
    await call("POST /v1/providers", { json: vendor() });
    const kept = JSON.stringify([...(await store.entries(PROVIDERS).load()).entries]);
    expect(kept).toContain("v1.");
    for (const secret of [KEY, HEADER]) expect(kept).not.toContain(secret.slice(0, 8));
  });

  it("changes some fields of a provider, and leaves the rest as it was", async () => {
    const { call, gateway } = open();
    const { body } = await call("POST /v1/providers", { json: vendor() });
    const patched = await call("PATCH /v1/providers/my-vendor", { json: { apiKey: [OTHER_KEY, KEY], concurrency: 2 } });
    expect(patched).toMatchObject({
      status: 200,
      body: { ...(body as ProviderView), apiKeys: ["…aB3k", "…x7Qd"], concurrency: 2, changedAt: expect.any(String) },
    });
    await answer(gateway);
    expect(sentKeys(upstream)).toEqual([`Bearer ${OTHER_KEY}`]);
    const cleared = await call("PATCH /v1/providers/my-vendor", {
      json: { apiKey: null, headers: null, concurrency: null },
    });
    expect(cleared.body).toMatchObject({ on: true, apiKeys: [], headers: [], concurrency: null });
    await answer(gateway);
    expect(sentKeys(upstream)).toEqual([`Bearer ${OTHER_KEY}`, undefined]);
  });

  it("removes a provider; its models stay and are passed over", async () => {
    const { call, gateway } = open();
    await call("POST /v1/providers", { json: vendor() });
    await answer(gateway);
    expect(await call("DELETE /v1/providers/my-vendor")).toMatchObject({
      status: 200,
      body: { id: "my-vendor", deleted: true },
    });
    await expect(answer(gateway)).rejects.toMatchObject({ code: "no_usable_model" });
    expect(await gateway.models.get("one")).toMatchObject({ provider: "my-vendor" });
    for (const method of ["GET", "DELETE"]) expect((await call(`${method} /v1/providers/my-vendor`)).status).toBe(404);
    expect((await call("PATCH /v1/providers/my-vendor", { json: {} })).status).toBe(404);
    await upstream.idle();
  });

  it("books each change: who, what, and where the key goes, never the key", async () => {
    const { call } = open();
    await call("POST /v1/providers", { json: vendor() });
    await call("PATCH /v1/providers/my-vendor", { json: { apiKey: OTHER_KEY } });
    await call("DELETE /v1/providers/my-vendor");
    const { data } = (await call("GET /v1/audit")).body as {
      data: { action: string; details: object; actor: object }[];
    };
    expect(data.map(({ action, details }) => [action, details])).toEqual([
      ["provider.delete", {}],
      ["provider.update", { fields: "apiKey", baseUrl: `${upstream.url}/v1` }],
      ["provider.create", { fields: "id,type,baseUrl,apiKey,headers", baseUrl: `${upstream.url}/v1` }],
    ]);
    expect(data[0]?.actor).toEqual({ id: "anonymous", kind: "anonymous" });
  });

  it.each([
    ["id", { ...{}, id: "Upper" }],
    ["id", { id: "__proto__" }],
    ["type", { type: "unheard-of" }],
    ["type", { type: "toString" }],
    ["baseUrl", { baseUrl: "ftp://vendor.example" }],
    ["baseUrl", { baseUrl: "http://api.vendor.example/v1" }],
    ["baseUrl", { baseUrl: "http://169.254.169.254/latest" }],
    ["baseUrl", { baseUrl: "https://user:password@vendor.example" }],
    ["apiKey", { apiKey: "with\nnewline" }],
    ["apiKey", { apiKey: "" }],
    ["apiKey", { apiKey: [] }],
    ["apiKey", { apiKey: 7 }],
    ["headers", { headers: { host: "other.example" } }],
    ["headers", { headers: { "x-a": "a\r\nb" } }],
    ["headers", { headers: { "not a name": "x" } }],
    ["concurrency", { concurrency: 0 }],
    ["timeouts", { timeouts: { connectMs: -1 } }],
    ["siteName", { siteName: "a\nb" }],
  ])("answers 400 to a wrong %s (%j), and keeps nothing", async (field, wrong) => {
    const { call } = open();
    const { status, body } = await call("POST /v1/providers", { json: { ...vendor(), ...wrong } });
    expect([status, body]).toEqual([
      400,
      expect.objectContaining({ details: expect.stringMatching(new RegExp(`^${field}`)) }),
    ]);
    expect(JSON.stringify((await call("GET /v1/providers")).body)).not.toContain("vendor");
  });

  it("refuses a second provider of one name, another id and another type", async () => {
    const { call } = open({ providers: { openai: { apiKey: KEY } } });
    await call("POST /v1/providers", { json: vendor() });
    for (const id of ["my-vendor", "openai", "simulator"]) {
      expect((await call("POST /v1/providers", { json: { ...vendor(), id } })).status).toBe(409);
    }
    for (const json of [{ id: "other" }, { type: "openai" }]) {
      expect((await call("PATCH /v1/providers/my-vendor", { json })).status).toBe(400);
    }
    expect(
      (await call("PATCH /v1/providers/my-vendor", { json: { id: "my-vendor", type: "openai-compatible" } })).status,
    ).toBe(200);
  });

  it("sends no key to a host it was not given for", async () => {
    const { call } = open();
    await call("POST /v1/providers", { json: vendor() });
    const baseUrl = `${elsewhere.url}/v1`;
    const path = "PATCH /v1/providers/my-vendor";
    const refused = await call(path, { json: { baseUrl } });
    expect([refused.status, refused.body]).toMatchObject([
      400,
      { details: expect.stringMatching(/^apiKey: must be given anew/) },
    ]);
    expect((await call(path, { json: { baseUrl, apiKey: OTHER_KEY } })).status).toBe(400); // the headers too
    expect((await call(path, { json: { baseUrl, apiKey: OTHER_KEY, headers: null } })).status).toBe(200);
    expect((await call(path, { json: { baseUrl: `${elsewhere.url}/v2` } })).status).toBe(200); // the same host
  });

  it("shows what is configured, changes it, takes it away and gives the name to another", async () => {
    const configured = { type: "openai-compatible", baseUrl: `${upstream.url}/v1`, apiKey: KEY };
    const { call, gateway } = open({ providers: { "my-vendor": configured } });
    const shown = async () => (await call("GET /v1/providers/my-vendor")).body as ProviderView;
    expect(await shown()).toMatchObject({ source: "configuration", apiKeys: ["…x7Qd"], changedAt: null });
    await call("PATCH /v1/providers/my-vendor", { json: { concurrency: 3 } });
    expect(await shown()).toMatchObject({ source: "changed", apiKeys: ["…x7Qd"], concurrency: 3 });
    expect(await answer(gateway)).toBe("here");
    await call("PATCH /v1/providers/my-vendor", { json: { apiKey: null } });
    expect(await shown()).toMatchObject({ apiKeys: [], concurrency: 3 });
    await call("DELETE /v1/providers/my-vendor");
    await expect(answer(gateway)).rejects.toMatchObject({ code: "no_usable_model" });
    await call("POST /v1/providers", { json: vendor(elsewhere) });
    expect(await shown()).toMatchObject({ source: "created", concurrency: null });
    expect(await answer(gateway)).toBe("elsewhere");
  });

  it("goes on standing over the configuration when that changes", async () => {
    const entry = (at: ScriptedUpstream, fields: object = {}) => ({
      providers: { "my-vendor": { type: "openai-compatible", baseUrl: `${at.url}/v1`, apiKey: KEY, ...fields } },
      models: [MODEL],
    });
    const { gateway } = open(entry(upstream));
    await gateway.providers.update("my-vendor", { apiKey: OTHER_KEY });
    await gateway.providers.create({ ...vendor(), id: "other" });
    await gateway.config.reload(entry(elsewhere, { concurrency: 7 }));
    expect(await gateway.providers.get("my-vendor")).toMatchObject({
      concurrency: 7,
      apiKeys: ["…aB3k"],
      source: "changed",
    });
    expect(await answer(gateway)).toBe("elsewhere");
    expect(sentKeys(elsewhere)).toEqual([`Bearer ${OTHER_KEY}`]);
    expect(await gateway.providers.get("other")).toMatchObject({ on: true });
    await gateway.config.reload({ models: [MODEL] });
    expect(await gateway.providers.get("my-vendor")).toMatchObject({
      on: false,
      problem: "the configuration has it no more",
    });
    await gateway.providers.reset();
    expect((await gateway.providers.list()).map(({ id }) => id)).toEqual(["simulator"]);
  });

  it("is off, and says why, while something is missing", async () => {
    const { call, gateway } = open();
    const { body } = await call("POST /v1/providers", { json: { id: "openai" } });
    expect(body).toMatchObject({ on: false, healthy: false, problem: expect.stringContaining("no apiKey") });
    expect(gateway.providers.statuses().map(({ name }) => name)).not.toContain("openai");
    expect((await call("PATCH /v1/providers/openai", { json: { apiKey: KEY } })).body).toMatchObject({ on: true });
  });

  it("leaves an application's own provider to the application", async () => {
    const { call } = open({ providers: { mine: fakeProvider({ name: "mine", chat: () => "mine" }) } });
    expect((await call("GET /v1/providers/mine")).body).toMatchObject({ source: "application", type: null, on: true });
    expect((await call("PATCH /v1/providers/mine", { json: {} })).status).toBe(409);
    expect((await call("DELETE /v1/providers/mine")).status).toBe(409);
    expect((await call("POST /v1/providers", { json: { ...vendor(), id: "mine" } })).status).toBe(409);
  });
});

describe("a provider that is changed while calls run on it", () => {
  it.each([
    ["changed", (gateway: Gateway) => gateway.providers.update("my-vendor", { apiKey: OTHER_KEY })],
    ["taken away", (gateway: Gateway) => gateway.providers.delete("my-vendor")],
  ])("is %s, and the calls end as they began", async (_how, change) => {
    const { gateway } = open();
    await gateway.providers.create(vendor());
    const door = gate();
    upstream.enqueue(openai.stream(["be", door, "gun"]));
    const stream = gateway.stream(ASK);
    const pieces = [(await stream.next()).value?.choices[0]?.delta.content];
    await change(gateway);
    door.open();
    for await (const chunk of stream) pieces.push(chunk.choices[0]?.delta.content);
    expect(pieces.join("")).toBe("begun");
    await upstream.idle();
  });

  it("serves a call that waits for its turn", async () => {
    const { gateway } = open();
    await gateway.providers.create({ ...vendor(), concurrency: 1 });
    const door = gate();
    upstream.enqueue(openai.stream(["a", door, "b"]));
    const first = gateway.stream(ASK);
    await first.next();
    const second = gateway.chat(ASK);
    await gateway.providers.delete("my-vendor");
    door.open();
    for await (const chunk of first) expect(chunk).toBeDefined();
    expect((await second).choices[0]?.message.content).toBe("here");
  });
});

describe("without a master key", () => {
  const lasting = () => ({ ...memoryStore(), forgets: false });

  it("no secret is kept that would outlive the process, and the answer says what to set", async () => {
    const { call } = open({ store: lasting() });
    const { status, body } = await call("POST /v1/providers", { json: vendor() });
    expect([status, body]).toMatchObject([501, { details: expect.stringContaining("set secrets.masterKey") }]);
    expect((await call("GET /v1/providers/my-vendor")).status).toBe(404);
    const { apiKey, headers, ...open_ } = vendor();
    expect((await call("POST /v1/providers", { json: open_ })).status).toBe(201);
  });

  it("a provider is off whose secrets do not open; in production the gateway does not get ready", async () => {
    const store = lasting();
    const secrets = () => ({ masterKey: randomBytes(32).toString("hex") });
    await open({ store, secrets: secrets() }).gateway.providers.create(vendor());
    const { call, gateway } = open({ store, secrets: secrets() });
    await gateway.ready();
    expect((await call("GET /v1/providers/my-vendor")).body).toMatchObject({
      on: false,
      problem: expect.stringMatching(/sealed with the master key \S+, which is not here/),
    });
    const strict = new Gateway({ store, secrets: secrets(), mode: "production", identify: () => null });
    gateways.push(strict);
    await expect(strict.ready()).rejects.toMatchObject({ code: "not_configured" });
  });

  it("one that is fetched does, once it can be", async () => {
    const store = lasting();
    const key = randomBytes(32).toString("hex");
    await open({ store, secrets: { masterKey: key } }).gateway.providers.create(vendor());
    const answers: (() => string | Promise<string>)[] = [
      () => Promise.reject(new Error("the KMS is away")),
      () => "no key at all",
      async () => key,
    ];
    const { gateway } = open({ store, masterKey: () => answers.shift()?.() ?? "asked too often" });
    for (let count = 0; count < 2; count++) {
      await expect(gateway.ready()).rejects.toMatchObject({
        code: "not_configured",
        details: "the master key could not be fetched",
      });
    }
    await gateway.ready();
    expect(await answer(gateway)).toBe("here");
    expect(await open({ store, masterKey: () => key }).gateway.reseal()).toBe(0);
  });

  it("what an earlier key has sealed is brought under the current one", async () => {
    const store = lasting();
    const [old, next] = [randomBytes(32).toString("hex"), randomBytes(32).toString("hex")];
    await open({ store, secrets: { masterKey: old } }).gateway.providers.create(vendor());
    const both = open({ store, secrets: { masterKey: next, retiredMasterKeys: [old] } }).gateway;
    expect(await answer(both)).toBe("here");
    expect([await both.reseal(), await both.reseal()]).toEqual([1, 0]);
    expect(await answer(open({ store, secrets: { masterKey: next } }).gateway)).toBe("here");
  });
});
