import { setImmediate } from "node:timers/promises";
import type { ConfigOptions, ConfigReading, Gateway, GatewayOptions } from "@sluice/core";
import { fakeProvider, gate, openai, type ScriptedUpstream, scriptedUpstream } from "@sluice/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { callable } from "./http/call.js";

const ASK = { messages: [{ role: "user" as const, content: "Hello!" }] };
const MODELS = [{ id: "one", provider: "vendor", apiModelName: "vendor-one", layer: "L0" as const }];

let first: ScriptedUpstream;
let second: ScriptedUpstream;
const open: Gateway[] = [];

beforeEach(async () => {
  first = await scriptedUpstream();
  second = await scriptedUpstream();
  first.always(openai.completion({ content: "first" }));
  second.always(openai.completion({ content: "second" }));
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((gateway) => gateway.close()));
  await Promise.all([first.close(), second.close()]);
});

/** The plain options of one model behind an upstream. */
function at(upstream: ScriptedUpstream, options: ConfigOptions = {}): ConfigOptions {
  const vendor = { type: "openai-compatible", baseUrl: `${upstream.url}/v1`, apiKey: "key-of-the-vendor" };
  return { providers: { vendor }, models: MODELS, ...options };
}

function made(options: GatewayOptions) {
  const both = callable(options);
  open.push(both.gateway);
  return both;
}

async function answer(gateway: Gateway): Promise<unknown> {
  return (await gateway.chat(ASK)).choices[0]?.message.content;
}

describe("a reload", () => {
  it("sends every call from then on elsewhere, while a stream goes on where it began", async () => {
    const { gateway } = made(at(first));
    const door = gate();
    first.enqueue(openai.stream(["be", door, "gun"]));
    const stream = gateway.stream(ASK);
    const pieces = [(await stream.next()).value?.choices[0]?.delta];
    expect(await gateway.config.reload(at(second))).toEqual({
      revision: 2,
      changed: ["providers.vendor.baseUrl"],
      restartRequired: [],
    });
    expect(await answer(gateway)).toBe("second");
    expect(first.openConnections).toBeGreaterThan(0);
    door.open();
    for await (const chunk of stream) pieces.push(chunk.choices[0]?.delta);
    expect(pieces.map((delta) => delta?.content ?? "").join("")).toBe("begun");
    await first.idle(); // what nobody needs any more is closed
    expect(await answer(gateway)).toBe("second");
  });

  it("keeps the connections of providers whose configuration is the same", async () => {
    const { gateway } = made(at(first));
    await answer(gateway);
    await setImmediate(); // the transport sees the end of an answer after whoever waits for it
    await gateway.config.reload(at(first, { routing: { attempts: 2 } }));
    await answer(gateway);
    expect(first.connections).toBe(1);
  });

  it("lets a request that waits for its second try go on with what it began with", async () => {
    const { gateway } = made(at(first, { routing: { attempts: 2 } }));
    first.enqueue(openai.failure(500));
    const chat = answer(gateway);
    await first.nextRequest();
    await gateway.config.reload(at(second));
    expect(await chat).toBe("first");
  });

  it("takes every option that requests look at, and names those that need a restart", async () => {
    const { gateway, call } = made(at(first, { auth: { adminUsername: "root" } }));
    const report = await gateway.config.reload(
      at(first, {
        models: [...MODELS, { id: "two", provider: "vendor", apiModelName: "vendor-two", layer: "L1" }],
        layers: { L1: { enabled: true } },
        limits: { perIp: { limit: 7 } },
        corsOrigins: ["https://app.example"],
        auth: { adminUsername: "chief" },
        instances: 3,
      }),
    );
    expect(report).toEqual({
      revision: 2,
      changed: ["corsOrigins", "layers.L1.enabled", "limits.perIp.limit", "models"],
      restartRequired: ["auth.adminUsername", "instances"],
    });
    expect((await gateway.models.list()).map(({ id }) => id)).toContain("two");
    expect((await gateway.models.layers()).L1.enabled).toBe(true);
    const models = await call("GET /v1/models", { headers: { origin: "https://app.example" } });
    expect(models.headers.get("access-control-allow-origin")).toBe("https://app.example");
    const view = gateway.config.view();
    expect(view.restartRequired).toEqual(["auth.adminUsername", "instances"]);
    const inForce = new Map(view.data.map(({ key, value }) => [key, value]));
    expect(inForce.get("auth.adminUsername")).toBe("root");
    expect(inForce.get("limits.perIp.limit")).toBe(7);
  });

  it("gives what is left out its default", async () => {
    const { gateway } = made(at(first, { routing: { attempts: 7 } }));
    expect(await gateway.config.reload(at(first))).toMatchObject({ changed: ["routing.attempts"] });
    expect(await gateway.config.reload(at(first))).toEqual({ revision: 2, changed: [], restartRequired: [] });
  });

  it("leaves what was changed over HTTP over the new seeds", async () => {
    const { gateway } = made(at(first));
    await gateway.models.update("one", { priority: 9 });
    await gateway.config.reload(
      at(first, { models: [{ id: "one", provider: "vendor", apiModelName: "vendor-one", layer: "L1" }] }),
    );
    expect(await gateway.models.get("one")).toMatchObject({ priority: 9, layer: "L0" });
  });

  it("holds nothing against a provider that was put in place of a failing one", async () => {
    const { gateway } = made(at(first, { routing: { attempts: 1 } }));
    first.always(openai.failure(500));
    for (let count = 0; count < 5; count++) await expect(gateway.chat(ASK)).rejects.toThrow();
    expect((await gateway.health()).providers.vendor).toBe(false);
    await gateway.config.reload(at(second));
    expect((await gateway.health()).providers.vendor).toBe(true);
  });

  it("replaces an application's own provider and closes the one before", async () => {
    const closed: string[] = [];
    const own = (content: string) => ({
      ...fakeProvider({ name: "vendor", chat: () => content }),
      close: async () => void closed.push(content),
    });
    const { gateway } = made({ providers: { vendor: own("old") }, models: MODELS });
    expect(await answer(gateway)).toBe("old");
    const report = await gateway.config.reload({ providers: { vendor: own("new") }, models: MODELS });
    expect(report.changed).toEqual(["providers.vendor"]);
    expect(await answer(gateway)).toBe("new");
    await expect.poll(() => closed).toEqual(["old"]);
  });

  it.each<[string, ConfigOptions, string, string]>([
    ["a wrong value", { routing: { attempts: 99 } }, "routing.attempts", "routing.attempts: "],
    ["an unknown key", { nonsense: 1 } as ConfigOptions, "nonsense", "nonsense is not an option"],
    [
      "a type that is none",
      { providers: { vendor: { type: "none" } } },
      "providers.vendor.type",
      "providers.vendor.type",
    ],
    ["a proxy list that is none", { trustProxy: ["me"] }, "trustProxy", "trustProxy: me is neither"],
    [
      "a base URL that is refused",
      { providers: { openai: { apiKey: "k", baseUrl: "http://example.com" } } },
      "providers.openai.baseUrl",
      "providers.openai.baseUrl",
    ],
  ])("changes nothing for %s", async (_name, wrong, param, details) => {
    const { gateway } = made(at(first));
    const before = gateway.config.view();
    const refused = { code: "invalid_configuration", status: 422, param, details: expect.stringContaining(details) };
    await expect(gateway.config.reload(at(second, wrong))).rejects.toMatchObject(refused);
    expect(await answer(gateway)).toBe("first");
    expect(gateway.config.view()).toEqual({ ...before, error: expect.stringContaining(details) });
    await gateway.config.reload(at(second));
    expect(gateway.config.view().error).toBeNull();
  });

  it("is refused once the gateway shuts down", async () => {
    const { gateway } = made(at(first));
    gateway.drain();
    await expect(gateway.config.reload(at(second))).rejects.toMatchObject({ code: "draining" });
  });
});

describe("over HTTP", () => {
  const reading = (options: ConfigOptions): ConfigReading => ({
    options,
    surroundings: { port: 3000, store: "postgres://sluice:hidden@db/sluice" },
    origins: new Map([
      ["providers.vendor", "file /etc/sluice.json"],
      ["port", "environment PORT"],
    ]),
    file: "/etc/sluice.json",
  });

  it("shows every value, its origin, and no secret", async () => {
    const { call } = made({
      ...at(first),
      configSource: { first: reading(at(first)), read: () => reading(at(first)) },
    });
    const { body } = await call("GET /v1/config");
    expect(body).toMatchObject({ file: "/etc/sluice.json", revision: 1, restartRequired: [], error: null });
    const shown = JSON.stringify(body);
    for (const secret of ["key-of-the-vendor", "hidden"]) expect(shown).not.toContain(secret);
    const { data } = body as { data: { key: string }[] };
    const find = (key: string) => data.find((each) => each.key === key);
    const file = "file /etc/sluice.json";
    expect(find("providers.vendor.apiKey")).toEqual({
      key: "providers.vendor.apiKey",
      value: "********",
      origin: file,
      live: true,
    });
    expect(find("port")).toEqual({ key: "port", value: 3000, origin: "environment PORT", live: false });
    expect(find("mode")).toEqual({ key: "mode", value: "development", origin: "default", live: false });
  });

  it("reads the source anew, books who did it, and says what is wrong with it", async () => {
    let read = (): ConfigReading => reading(at(second, { auth: { adminUsername: "chief" } }));
    const source = { first: reading(at(first)), read: () => read() };
    const { call, gateway } = made({ ...at(first), configSource: source });
    expect((await call("POST /v1/config/reload")).body).toEqual({
      revision: 2,
      changed: ["providers.vendor.baseUrl"],
      restartRequired: ["auth.adminUsername"],
    });
    expect(await answer(gateway)).toBe("second");
    read = () => {
      throw new Error("routing.attempts: Too big: expected number to be <=20 (file /etc/sluice.json)");
    };
    const refused = await call("POST /v1/config/reload");
    expect(refused).toMatchObject({
      status: 422,
      body: { error: "The configuration is invalid", details: expect.stringContaining("routing.attempts: Too big") },
    });
    expect(await answer(gateway)).toBe("second");
    const { data } = await gateway.audit.list({ action: "config.reload" });
    expect(data.map(({ actor, outcome, target }) => [actor.kind, outcome, target])).toEqual([
      ["anonymous", "failed", "/etc/sluice.json"],
      ["anonymous", "ok", "/etc/sluice.json"],
    ]);
  });

  it("names the settings around the gateway that wait for a restart", async () => {
    const moved = { ...reading(at(first)), surroundings: { port: 4000, store: "postgres://sluice:hidden@db/sluice" } };
    const { call } = made({ ...at(first), configSource: { first: reading(at(first)), read: () => moved } });
    expect((await call("POST /v1/config/reload")).body).toEqual({
      revision: 1,
      changed: [],
      restartRequired: ["port"],
    });
  });

  it("reads once for many who ask at once", async () => {
    let reads = 0;
    const source = {
      first: reading(at(first)),
      read: async () => {
        reads++;
        return reading(at(second));
      },
    };
    const { call } = made({ ...at(first), limits: { perIp: null }, configSource: source });
    const answers = await Promise.all(Array.from({ length: 50 }, () => call("POST /v1/config/reload")));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(reads).toBeLessThan(50);
  });

  it("has nothing to read where the application hands its options over", async () => {
    const { call } = made(at(first));
    expect(await call("POST /v1/config/reload")).toMatchObject({ status: 409, body: { error: "Conflict" } });
  });
});
