import { Gateway, type GatewayEvents, type GatewayOptions } from "@sluice/core";
import { error, faults, gate, openai, openrouter, raw, type ScriptedUpstream, scriptedUpstream } from "@sluice/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const ASK = { messages: [{ role: "user" as const, content: "Hello!" }] };

let first: ScriptedUpstream;
let second: ScriptedUpstream;
const open: Gateway[] = [];

beforeEach(async () => {
  first = await scriptedUpstream();
  second = await scriptedUpstream();
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((gateway) => gateway.close()));
  await Promise.all([first.close(), second.close()]);
});

/** Two models on L0: `one` at the first upstream, `two` at the second. */
function gateway(options: GatewayOptions = {}): Gateway {
  const made = new Gateway({
    providers: {
      first: { type: "openai-compatible", baseUrl: `${first.url}/v1`, apiKey: "key-one" },
      second: { type: "openai-compatible", baseUrl: `${second.url}/v1` },
    },
    models: [
      { id: "one", provider: "first", apiModelName: "vendor-one", layer: "L0" },
      { id: "two", provider: "second", apiModelName: "vendor-two", layer: "L0", priority: 1 },
    ],
    ...options,
  });
  open.push(made);
  return made;
}

function post(to: Gateway, body: unknown, init: RequestInit = {}): Promise<Response> {
  const headers = { "content-type": "application/json", ...init.headers };
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return to.fetch(
    new Request("http://localhost/v1/chat/completions", { ...init, method: "POST", headers, body: text }),
  );
}

function record<Name extends keyof GatewayEvents>(from: Gateway, name: Name): GatewayEvents[Name][0][] {
  const events: GatewayEvents[Name][0][] = [];
  from.on(name, ((event: GatewayEvents[Name][0]) => events.push(event)) as never); // the generic hides the tuple
  return events;
}

describe("a chat in the upstream's own dialect", () => {
  it("changes nothing but the model name on the way up, and nothing on the way back", async () => {
    const answer =
      '{ "id":"x", "choices":[{"index":0,"message":{"role":"assistant","content":"Hi \\u00e9 🚰"}}],\n "model":"m-2", "new_field":[1.0], "usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}';
    first.enqueue(raw(200, { "content-type": "application/json" }, answer));
    const sent =
      '{"temperature":1.0,"model": "auto","messages":[{"role":"user","content":"h\\u0069"}],"unknown":{"a":[]},"sluice":{"tags":["t"]}}';
    const response = await post(gateway(), sent);
    expect(await response.text()).toBe(answer);
    expect(response.status).toBe(200);
    const { body, headers, path } = await first.nextRequest();
    expect(body.toString()).toBe(
      '{"temperature":1.0,"model": "vendor-one","messages":[{"role":"user","content":"h\\u0069"}],"unknown":{"a":[]}}',
    );
    expect(path).toBe("/v1/chat/completions");
    expect(headers).toMatchObject({ authorization: "Bearer key-one", "accept-encoding": "identity" });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "x-sluice-provider": "first",
      "x-sluice-model": "one",
      "x-sluice-layer": "L0",
      "x-sluice-attempts": "1",
      "x-sluice-fallbacks": "0",
      "x-sluice-request-id": expect.stringMatching(/^req_[0-9a-f]{32}$/),
    });
  });

  it("streams the upstream's bytes, less the usage nobody asked for", async () => {
    first.enqueue(openai.stream(["Hel", "lo"], { usage: true }));
    const response = await post(gateway(), { ...ASK, stream: true });
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(response.headers.get("x-accel-buffering")).toBe("no");
    const text = await response.text();
    expect(text).not.toContain("prompt_tokens");
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
    expect((await first.nextRequest()).json).toMatchObject({ stream_options: { include_usage: true } });
  });

  it("keeps the usage of a stream for a caller who asked", async () => {
    first.enqueue(openai.stream(["Hello"], { usage: true }));
    const response = await post(gateway(), { ...ASK, stream: true, stream_options: { include_usage: true } });
    expect(await response.text()).toContain("prompt_tokens");
  });

  it("fills in a model name the upstream leaves out", async () => {
    first.enqueue(raw(200, { "content-type": "application/json" }, '{"choices":[{}]}'));
    expect(await (await post(gateway(), ASK)).json()).toEqual({ choices: [{}], model: "vendor-one" });
  });

  it("answers in the process as well", async () => {
    first.always(openai.completion({ content: "Hello!" }));
    const answer = await gateway().chat(ASK);
    expect(answer.choices[0]?.message.content).toBe("Hello!");
  });

  it("answers many callers at once without a warning", async () => {
    const warnings: string[] = [];
    const listen = (warning: Error) => warnings.push(warning.name);
    process.on("warning", listen);
    first.always(openai.completion({ content: "Hello!" }));
    const made = gateway();
    await Promise.all(Array.from({ length: 30 }, () => made.chat(ASK)));
    await new Promise((resolve) => setImmediate(resolve)); // warnings come on the next tick
    process.off("warning", listen);
    expect(warnings).toEqual([]);
  });

  it("streams in the process as well", async () => {
    first.enqueue(openai.stream(["Hel", "lo"]));
    let text = "";
    for await (const chunk of gateway().stream(ASK)) text += chunk.choices[0]?.delta.content ?? "";
    expect(text).toBe("Hello");
  });
});

describe("before the first output", () => {
  const broken = {
    "a refused connection": () => faults.resetAfter(openai.stream(["x"]), 0),
    "a 500": () => error(500, { error: { message: "boom" } }),
    "a 429": () => faults.rateLimited("1"),
    "a 401, which is the gateway's own affair": () => error(401, { error: { message: "bad key" } }),
    "a 404": () => error(404, { error: { message: "no such model" } }),
    "an HTML page": () => faults.html(),
    "truncated JSON": () =>
      faults.truncatedJson({ id: "x", model: "m", choices: [{ index: 0, message: { content: "lost" } }] }),
    "a redirect": () => faults.redirect("http://127.0.0.1:1/"),
    "headers without end": () => faults.hugeHeaders(),
    "an error with status 200": () => openrouter.inBandFailure({ code: 502, message: "upstream gone" }),
  };

  it.each(Object.entries(broken))("%s goes to the next model without trace", async (_name, reply) => {
    first.always(reply());
    second.always(openai.completion({ content: "from two" }));
    const made = gateway();
    const fallbacks = record(made, "fallback");
    const response = await post(made, ASK);
    expect(await response.json()).toMatchObject({ choices: [{ message: { content: "from two" } }] });
    expect(response.headers.get("x-sluice-model")).toBe("two");
    expect(response.headers.get("x-sluice-attempts")).toBe("2");
    expect(response.headers.get("x-sluice-fallbacks")).toBe("1");
    expect(fallbacks).toMatchObject([{ model: "one", provider: "first", attempt: 1 }]);
  });

  it.each([
    ["ends at once", () => faults.endAfter(openai.stream(["x"]), 0)],
    ["ends after the role", () => faults.endAfter(openai.stream(["x"]), 1)],
    ["is reset after the role", () => faults.resetAfter(openai.stream(["x"]), 1)],
    ["sends an error frame", () => openrouter.stream([], { error: { code: 502, message: "gone" } })],
    ["is no stream", () => openai.completion({ content: "x" })],
  ])("a stream that %s goes to the next model without trace", async (_name, reply) => {
    first.always(reply());
    second.always(openai.stream(["from ", "two"]));
    const response = await post(gateway(), { ...ASK, stream: true });
    const text = await response.text();
    expect(response.headers.get("x-sluice-model")).toBe("two");
    expect(text.match(/"role":"assistant"/g)).toHaveLength(1);
    expect(text).toContain("from ");
    expect(text).not.toContain('"x"');
  });

  it("tries a lonely model again, up to the configured attempts", async () => {
    first.enqueue(error(500, {}), error(503, {}));
    first.always(openai.completion({ content: "third time" }));
    const response = await post(gateway(), { ...ASK, model: "one" });
    expect(response.headers.get("x-sluice-attempts")).toBe("3");
  });

  it("answers 502 with a word on every attempt when nothing is left", async () => {
    first.always(error(500, { error: { message: "boom" } }));
    second.always(error(401, { error: { message: "Incorrect API key provided: sk-abcdefghijk" } }));
    const response = await post(gateway({ routing: { attempts: 2 } }), ASK);
    expect(response.status).toBe(502);
    expect(await response.json()).toEqual({
      error: "The provider refused the gateway's credentials",
      details: "one boom; two Incorrect API key provided: [redacted]; check providers.second.apiKey",
    });
  });

  it.each([
    [
      400,
      { error: { message: "bad temperature", param: "temperature", code: "invalid_value" } },
      400,
      "Invalid request",
    ],
    [
      400,
      { error: { message: "too long", code: "context_length_exceeded" } },
      400,
      "The prompt is longer than the model's context window",
    ],
    [413, { error: { message: "too large" } }, 413, "Request body too large"],
  ])("an upstream's %i for the caller's own mistake is not retried", async (status, body, expected, text) => {
    first.always(error(status, body));
    const response = await post(gateway(), ASK);
    expect(response.status).toBe(expected);
    expect(await response.json()).toEqual({ error: text, details: body.error.message });
    expect(second.requests).toHaveLength(0);
  });

  it("waits a short Retry-After and passes on a long one", async () => {
    first.enqueue(faults.rateLimited("0.2"));
    first.always(openai.completion({ content: "now" }));
    const made = gateway();
    const started = performance.now();
    expect((await post(made, { ...ASK, model: "one" })).status).toBe(200);
    expect(performance.now() - started).toBeGreaterThan(190);

    second.always(faults.rateLimited("30"));
    const refused = await post(made, { ...ASK, model: "two" });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThanOrEqual(29);
    const again = await post(made, { ...ASK, model: "two" });
    expect(again.status).toBe(429);
    expect(second.requests).toHaveLength(1); // nobody calls before the time the upstream named
  });

  it("uses the next key of a pool when one is refused", async () => {
    first.enqueue(error(401, {}));
    first.always(openai.completion({ content: "ok" }));
    const made = gateway({
      providers: { first: { type: "openai-compatible", baseUrl: `${first.url}/v1`, apiKey: ["bad", "good"] } },
    });
    expect((await post(made, { ...ASK, model: "one" })).status).toBe(200);
    expect(first.requests.map(({ headers }) => headers.authorization)).toEqual(["Bearer bad", "Bearer good"]);
  });
});

describe("after the first output", () => {
  it.each([
    ["ends without [DONE]", () => faults.endAfter(openai.stream(["one", "two", "three"]), 3)],
    ["is reset", () => faults.resetAfter(openai.stream(["one", "two", "three"]), 3)],
    ["sends an error frame", () => openrouter.stream(["one"], { error: { code: 502, message: "gone" } })],
  ])("a stream that %s ends with one error frame, and nobody answers twice", async (_name, reply) => {
    first.always(reply());
    second.always(openai.stream(["other"]));
    const made = gateway();
    const errors = record(made, "error");
    const text = await (await post(made, { ...ASK, stream: true })).text();
    const events = text.trim().split("\n\n");
    expect(JSON.parse(events.at(-1)?.slice("data: ".length) ?? "")).toEqual({
      error: { message: expect.any(String), type: "server_error", code: "upstream_failed" },
    });
    expect(text).toContain('"one"');
    expect(text).not.toContain("[DONE]");
    expect(second.requests).toHaveLength(0);
    expect(errors).toMatchObject([{ committed: true }]);
  });

  it("throws in the process", async () => {
    first.always(faults.endAfter(openai.stream(["one", "two"]), 2));
    const read = async () => {
      for await (const _chunk of gateway().stream(ASK));
    };
    await expect(read()).rejects.toMatchObject({ code: "upstream_failed" });
  });
});

describe("timers", () => {
  const hang = faults.hangBeforeHeaders;
  it.each([
    ["headersMs", () => hang(), false],
    ["headersMs", () => hang(), true],
    ["firstOutputMs", () => faults.hangAfter(openai.stream(["x"]), 1), true],
    ["idleMs", () => faults.hangAfterHeaders(openai.completion({})), false],
    ["totalMs", () => hang(), false],
  ])("%s names itself in a 504 (%#)", async (timer, reply, stream) => {
    first.always(reply());
    const made = gateway({ routing: { timeouts: { [timer]: 100 } } });
    const response = await post(made, { ...ASK, model: "one", stream });
    expect(response.status).toBe(504);
    expect(await response.json()).toMatchObject({ details: expect.stringContaining(`${timer} (100 ms)`) });
    expect((await (await first.nextRequest()).closed).by).toBe("client");
  });

  it("idleMs ends a stream that has begun with an error frame", async () => {
    first.always(faults.hangAfter(openai.stream(["x", "y"]), 2));
    const made = gateway({ routing: { timeouts: { idleMs: 100 } } });
    const text = await (await post(made, { ...ASK, stream: true })).text();
    expect(text).toContain('"code":"timeout"');
  });

  it("a model that does not answer in time gives way to the next", async () => {
    first.always(hang());
    second.always(openai.completion({ content: "two" }));
    const response = await post(gateway({ routing: { timeouts: { headersMs: 100 } } }), ASK);
    expect(response.headers.get("x-sluice-model")).toBe("two");
  });

  it("a request may shorten its timers", async () => {
    first.always(hang());
    const response = await post(gateway(), { ...ASK, model: "one", sluice: { timeouts: { headersMs: 100 } } });
    expect(response.status).toBe(504);
  });

  it("comments keep a silent stream alive, and the receipt moves into the usage chunk", async () => {
    const door = gate();
    first.always(faults.waitAfter(openai.stream(["x"], { usage: true }), 0, door));
    const made = gateway({ routing: { keepAliveAfterMs: 50 } });
    const response = await post(made, { ...ASK, stream: true, stream_options: { include_usage: true } });
    expect(response.headers.get("x-sluice-provider")).toBeNull();
    door.open();
    const text = await response.text();
    expect(text).toMatch(/^: keep-alive\n\n/);
    expect(text).toContain('"sluice":{"provider":"first","model":"one","layer":"L0","attempts":1,"fallbacks":0}');
  });

  it("a failure after a comment is an error frame", async () => {
    first.always(faults.hangBeforeHeaders());
    const made = gateway({ routing: { keepAliveAfterMs: 50, timeouts: { headersMs: 200 } } });
    const response = await post(made, { ...ASK, model: "one", stream: true });
    expect(response.status).toBe(200);
    expect(await response.text()).toMatch(/^(: keep-alive\n\n)+data: \{"error":\{.*"code":"timeout"\}\}\n\n$/);
  });
});

describe("a caller who leaves", () => {
  it.each([
    ["before the headers", () => faults.hangBeforeHeaders(), false],
    ["before the headers of a stream", () => faults.hangBeforeHeaders(), true],
    ["before the body", () => faults.hangAfterHeaders(openai.completion({})), false],
    ["before the first output", () => faults.hangAfter(openai.stream(["x"]), 1), true],
  ])("%s stops the upstream", async (_name, reply, stream) => {
    first.always(reply());
    const leaving = new AbortController();
    const made = gateway();
    const errors = record(made, "error");
    const answer = post(made, { ...ASK, stream }, { signal: leaving.signal });
    const request = await first.nextRequest();
    leaving.abort();
    expect((await request.closed).by).toBe("client");
    expect((await answer).status).toBe(499);
    expect(errors).toMatchObject([{ committed: false, error: { code: "client_closed_request" } }]);
    expect(second.requests).toHaveLength(0);
  });

  it("in the middle of a stream stops the upstream", async () => {
    first.always(faults.hangAfter(openai.stream(["x", "y"]), 2));
    const response = await post(gateway(), { ...ASK, stream: true });
    await response.body?.cancel();
    expect((await (await first.nextRequest()).closed).by).toBe("client");
  });

  it("while waiting for a slot never reaches the upstream", async () => {
    const door = gate();
    first.always(faults.waitAfter(openai.stream(["x"]), 0, door));
    const made = gateway({
      providers: { first: { type: "openai-compatible", baseUrl: `${first.url}/v1`, concurrency: 1 } },
    });
    const holder = post(made, { ...ASK, model: "one", stream: true });
    await first.nextRequest();
    const leaving = new AbortController();
    const waiting = post(made, { ...ASK, model: "one" }, { signal: leaving.signal });
    const third = post(made, { ...ASK, model: "one", stream: true });
    leaving.abort();
    expect((await waiting).status).toBe(499);
    door.open();
    await (await holder).text();
    await (await third).text(); // the slot was handed on past the one who left
    expect(first.requests).toHaveLength(2);
  });
});
