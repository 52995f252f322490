import { Gateway, systemClock } from "@sluice/core";
import { anthropic } from "@sluice/core/providers/anthropic";
import { openai } from "@sluice/core/providers/openai";
import { openaiCompatible } from "@sluice/core/providers/openai-compatible";
import { openrouter } from "@sluice/core/providers/openrouter";
import { ossLocal } from "@sluice/core/providers/oss-local";
import { openai as answers, error, json, openrouter as openrouterAnswers, scriptedUpstream } from "@sluice/testkit";
import { describeProvider, httpProviderPlace } from "@sluice/testkit/contracts";
import { describe, expect, it } from "vitest";

const deps = { clock: systemClock(), outboundProxy: null };

function on<Made>(made: Made | null): Made {
  if (!made) throw new TypeError("the provider is off");
  return made;
}

describeProvider(
  "openai",
  httpProviderPlace((url) => on(openai("openai", { apiKey: "k", baseUrl: `${url}/v1` }, deps))),
);
describeProvider(
  "anthropic",
  httpProviderPlace((url) => on(anthropic("anthropic", { apiKey: "k", baseUrl: url }, deps))),
);
describeProvider(
  "openrouter",
  httpProviderPlace((url) => on(openrouter("openrouter", { apiKey: "k", baseUrl: `${url}/v1` }, deps))),
);
describeProvider(
  "oss-local",
  httpProviderPlace((url) => on(ossLocal("oss-local", { baseUrl: `${url}/v1` }, deps))),
);
describeProvider(
  "openai-compatible",
  httpProviderPlace((url) => on(openaiCompatible("mine", { baseUrl: `${url}/v1` }, deps))),
);

describe("what each provider sends", () => {
  const ask = { model: "m", messages: [{ role: "user" as const, content: "Hi" }] };

  it.each([
    ["openai", { apiKey: "key" }, { authorization: "Bearer key" }],
    [
      "openrouter",
      { apiKey: "key", siteUrl: "https://a.example", siteName: "A" },
      { authorization: "Bearer key", "http-referer": "https://a.example", "x-title": "A" },
    ],
    ["openai-compatible", { headers: { "X-Own": "1" } }, { "x-own": "1" }],
    ["oss-local", {}, {}],
  ])("%s", async (name, config, expected) => {
    const upstream = await scriptedUpstream();
    upstream.always(answers.completion({ content: "Hi" }));
    const gateway = new Gateway({
      providers: { [name]: { ...config, baseUrl: `${upstream.url}/v1` } },
      models: [{ id: "m", provider: name, apiModelName: "x", layer: "L0" }],
    });
    await gateway.chat(ask);
    const { headers } = await upstream.nextRequest();
    expect(headers).toMatchObject({ "content-type": "application/json", ...expected });
    expect(Boolean(headers.authorization)).toBe("apiKey" in config);
    await gateway.close();
    await upstream.close();
  });

  it.each([
    ["2023-06-01", { "x-api-key": "key" }],
    ["2026-10-21", { authorization: "Bearer key" }],
  ] as const)("anthropic under %s", async (version, expected) => {
    const upstream = await scriptedUpstream();
    upstream.always(
      json(200, {
        type: "message",
        id: "msg",
        role: "assistant",
        model: "c",
        content: [{ type: "text", text: "Hi" }],
        stop_reason: "end_turn",
        usage: { input_tokens: 1, output_tokens: 1 },
      }),
    );
    const gateway = new Gateway({
      providers: { anthropic: { apiKey: "key", baseUrl: upstream.url, version } },
      models: [{ id: "m", provider: "anthropic", apiModelName: "x", layer: "L0" }],
    });
    const answer = await gateway.chat({ ...ask, temperature: 0.5 });
    expect(answer.choices[0]?.message.content).toBe("Hi");
    const { headers, path, json: sent } = await upstream.nextRequest();
    expect(path).toBe("/v1/messages");
    expect(headers).toMatchObject({ "anthropic-version": version, ...expected });
    expect("temperature" in (sent as object)).toBe(version === "2023-06-01");
    await gateway.close();
    await upstream.close();
  });

  it("openrouter's comments and its own fields", async () => {
    const upstream = await scriptedUpstream();
    upstream.always(openrouterAnswers.stream(["Hi"]));
    const gateway = new Gateway({
      providers: { openrouter: { apiKey: "k", baseUrl: `${upstream.url}/v1` } },
      models: [{ id: "m", provider: "openrouter", apiModelName: "x:free", layer: "L0" }],
    });
    let text = "";
    for await (const chunk of gateway.stream({ ...ask, model: "x:free", provider: { order: ["a"] }, models: ["m"] })) {
      text += chunk.choices[0]?.delta.content ?? "";
    }
    expect(text).toBe("Hi");
    const { json: sent } = await upstream.nextRequest();
    expect(sent).toMatchObject({ provider: { order: ["a"] }, model: "x:free" });
    expect("models" in (sent as object)).toBe(false);
    await gateway.close();
    await upstream.close();
  });

  it("oss-local lists what it finds, and auto uses it", async () => {
    const upstream = await scriptedUpstream();
    upstream.models(answers.models(["llama3:8b"]));
    upstream.always(answers.completion({ content: "local" }));
    const gateway = new Gateway({ providers: { "oss-local": { baseUrl: `${upstream.url}/v1` } } });
    expect((await gateway.models.list()).map(({ id }) => id)).toContain("oss-local-llama3:8b");
    const { model: _, ...auto } = ask;
    expect((await gateway.chat(auto)).choices[0]?.message.content).toBe("local");
    expect((await gateway.health()).healthyProviders).toEqual(["oss-local"]);
    await gateway.close();
    await upstream.close();
  });
});

describe("a provider that quotes what it was sent", () => {
  const [KEY, HEADER] = ["a-key-of-no-known-shape", "a-header-of-no-known-shape"];

  it.each([
    [
      "an error",
      { stream: false },
      (text: string) => error(400, { error: { message: text, code: KEY, param: HEADER } }),
    ],
    ["a failed stream", { stream: true }, (text: string) => error(422, { error: { message: text } })],
    ["a refused key", { stream: false }, (text: string) => error(401, { error: { message: text } })],
  ])("does not get its secrets to the caller: %s", async (_how, fields, reply) => {
    const upstream = await scriptedUpstream();
    upstream.respond(({ headers }) => reply(`no: ${headers["x-mine"]}, ${headers.authorization?.slice(7)}`));
    const vendor = {
      type: "openai-compatible",
      apiKey: KEY,
      headers: { "x-mine": HEADER },
      baseUrl: `${upstream.url}/v1`,
    };
    const gateway = new Gateway({
      providers: { vendor },
      models: [{ id: "m", provider: "vendor", apiModelName: "m", layer: "L0" }],
      errorFormat: "openai",
    });
    const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: "Hi" }], ...fields });
    const headers = { "content-type": "application/json" };
    const request = new Request("http://localhost/v1/chat/completions", { method: "POST", headers, body });
    const text = await (await gateway.fetch(request)).text();
    expect(text).toContain("[redacted]");
    for (const secret of [KEY, HEADER]) expect(text).not.toContain(secret);
    await gateway.close();
    await upstream.close();
  });
});

describe("a base URL", () => {
  it.each([
    "http://api.example.com/v1",
    "http://8.8.8.8/v1",
    "http://169.254.169.254/latest",
    "http://0.0.0.0:1/v1",
    "https://user:pass@api.example.com",
    "https://api.example.com/v1?key=1",
  ])("%s is refused naming the option", (baseUrl) => {
    expect(() => new Gateway({ providers: { openai: { apiKey: "k", baseUrl } } })).toThrow(
      /^providers\.openai\.baseUrl must/,
    );
  });

  it.each([
    ["a header with other letters", "openai", { apiKey: "k", headers: { "X-Own": "Café" } }, "the header x-own may"],
    ["a header with a line end", "openai", { apiKey: "k", headers: { "X-Own": "a\r\nb: c" } }, "the header x-own may"],
    ["a header of the connection's", "openai", { apiKey: "k", headers: { Host: "x.example" } }, "host cannot be sent"],
    ["a key with a line end", "openai", { apiKey: "secret\n" }, "the header authorization may"],
    ["a name with other letters", "openrouter", { apiKey: "k", siteName: "Café" }, "the header x-title may"],
  ])("refuses %s, and does not quote it", (_name, provider, config, message) => {
    const make = () => new Gateway({ providers: { [provider]: config } });
    expect(make).toThrow(TypeError);
    expect(make).toThrow(`providers.${provider}: ${message}`);
    expect(make).not.toThrow(/secret|Café/);
  });

  it.each([
    "https://api.example.com/v1",
    "http://127.0.0.1:1/v1",
    "http://[::1]:1/v1",
    "http://10.1.2.3/v1",
    "http://ollama:11434/v1",
    "http://vllm.internal/v1",
  ])("%s is taken", async (baseUrl) => {
    await new Gateway({ providers: { openai: { apiKey: "k", baseUrl } } }).close();
  });
});
