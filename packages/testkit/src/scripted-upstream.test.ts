import { request as httpRequest } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  anthropic,
  bulk,
  error,
  faults,
  gate,
  notHttp,
  openai,
  openrouter,
  type ReceivedRequest,
  raw,
  refusedUrl,
  type ScriptedUpstream,
  scriptedUpstream,
  vendor,
} from "./index.js";

let upstream: ScriptedUpstream;

beforeEach(async () => {
  upstream = await scriptedUpstream();
});

afterEach(() => upstream.close());

function post(body: unknown = {}, init: RequestInit & { path?: string } = {}): Promise<Response> {
  const { path = "/v1/chat/completions", ...rest } = init;
  return fetch(upstream.url + path, { method: "POST", body: JSON.stringify(body), redirect: "manual", ...rest });
}

describe("scriptedUpstream", () => {
  it("gives the enqueued replies in turn, then the standing one", async () => {
    upstream.enqueue(openai.completion({ content: "one" }), error(503, "busy"));
    upstream.always(openai.completion({ content: "rest" }));
    expect(await (await post()).json()).toMatchObject({ choices: [{ message: { content: "one" } }] });
    expect((await post()).status).toBe(503);
    expect(await (await post()).json()).toMatchObject({ choices: [{ message: { content: "rest" } }] });
  });

  it("says so when nothing was scripted", async () => {
    const response = await post();
    expect(response.status).toBe(500);
    expect(await response.text()).toContain("No reply for POST /v1/chat/completions");
  });

  it("records what arrived", async () => {
    upstream.always(openai.completion());
    const before = performance.now();
    const [request] = await Promise.all([
      upstream.nextRequest(),
      post({ model: "ü" }, { headers: { authorization: "Bearer key" } }).then((response) => response.text()),
    ]);
    expect(request).toMatchObject({
      method: "POST",
      path: "/v1/chat/completions",
      json: { model: "ü" },
      connection: 1,
    });
    expect(request.headers.authorization).toBe("Bearer key");
    expect(request.body.toString()).toBe('{"model":"ü"}');
    expect(request.arrivedAt).toBeGreaterThan(before);
    await request.answered;
    expect(request.progress.complete).toBe(true);
    expect(upstream.requests).toEqual([request]);
  });

  it("answers model lists without using up a reply", async () => {
    upstream.enqueue(openai.completion({ content: "one" }));
    upstream.models(openai.models(["a", "b"]));
    const list = await fetch(`${upstream.url}/v1/models`);
    expect(await list.json()).toMatchObject({ object: "list", data: [{ id: "a" }, { id: "b" }] });
    expect((await post()).status).toBe(200);
  });

  it("waits at a gate until the test opens it", async () => {
    const halfway = gate();
    upstream.enqueue(openai.stream(["Hello", halfway, " world"]));
    const reader = reading(await post());
    await halfway.reached;
    expect(await reader.until("Hello")).not.toContain("world");
    halfway.open();
    expect(await reader.rest()).toContain("world");
  });

  it("tells when the client left and how far the answer had come", async () => {
    const never = gate();
    upstream.enqueue(openai.stream(["a", "b", never, "c"]));
    // Not fetch: its pool connects again at once.
    const client = httpRequest(`${upstream.url}/v1/chat/completions`, { method: "POST", agent: false });
    client.on("error", () => {});
    client.end("{}");
    await never.reached;
    expect(upstream.openConnections).toBe(1);
    client.destroy();
    const [request] = upstream.requests;
    expect(await request?.closed).toMatchObject({ by: "client", events: 3, complete: false });
    await upstream.idle();
    expect(upstream.openConnections).toBe(0);
  });

  it("survives many requests on one connection and closes it at the end", async () => {
    upstream.always(openai.completion());
    for (let index = 0; index < 20; index++) await (await post()).text();
    const request = upstream.requests.at(-1) as ReceivedRequest; // 20 were made
    expect(upstream.connections).toBeLessThan(20);
    await upstream.close();
    expect(await request.closed).toMatchObject({ by: "upstream", complete: true });
    upstream = await scriptedUpstream();
  });

  it("names an origin that refuses connections", async () => {
    await expect(fetch(await refusedUrl())).rejects.toMatchObject({ cause: { code: "ECONNREFUSED" } });
  });
});

describe("vendor", () => {
  beforeEach(() => upstream.respond(vendor({ text: "a b", key: "k" })));

  it("speaks OpenAI's API", async () => {
    const headers = { authorization: "Bearer k" };
    expect((await post({ model: "m" }, { headers })).status).toBe(400);
    expect((await post({ model: "m", messages: [{}] })).status).toBe(401);
    const whole = await (await post({ model: "m", messages: [{}] }, { headers })).json();
    expect(whole).toMatchObject({ model: "m", choices: [{ message: { content: "a b" } }] });
    const body = { model: "m", messages: [{}], stream: true, stream_options: { include_usage: true } };
    const text = await (await post(body, { headers })).text();
    expect(text).toContain('"choices":[],"usage":{');
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  });

  it("speaks both versions of Anthropic's API", async () => {
    const path = "/v1/messages";
    const body = { model: "m", messages: [{}], max_tokens: 5 };
    const old = { "anthropic-version": "2023-06-01", "x-api-key": "k" };
    const current = { "anthropic-version": "2026-10-21", authorization: "Bearer k" };
    expect((await post(body, { path, headers: old })).status).toBe(200);
    expect((await post(body, { path, headers: current })).status).toBe(200);
    expect((await post(body, { path, headers: { ...old, ...current, authorization: "" } })).status).toBe(401);
    expect((await post({ ...body, temperature: 1 }, { path, headers: old })).status).toBe(200);
    expect((await post({ ...body, temperature: 1 }, { path, headers: current })).status).toBe(400);
    expect((await post({ model: "m", messages: [{}] }, { path, headers: old })).status).toBe(400);
    const text = await (await post({ ...body, stream: true }, { path, headers: old })).text();
    expect(text.match(/^event: .*$/gm)).toEqual(
      "message_start ping content_block_start content_block_delta content_block_delta content_block_stop message_delta message_stop"
        .split(" ")
        .map((name) => `event: ${name}`),
    );
  });
});

describe("faults", () => {
  const stream = openai.stream(["a", "b"]);

  it.each([
    ["before the headers", faults.resetAfter(stream, -1), false],
    ["after two events", faults.resetAfter(stream, 2), true],
    ["after two events, in order of TCP", faults.cutAfter(stream, 2), true],
    ["in JSON shorter than promised", faults.truncatedJson({ a: "b".repeat(99) }, { length: "wrong" }), true],
  ])("breaks the connection %s", async (_name, reply, hasHead) => {
    upstream.enqueue(reply);
    const answer = post();
    if (!hasHead) return expect(answer).rejects.toThrow();
    await expect((await answer).text()).rejects.toThrow();
    expect(await upstream.requests[0]?.closed).toMatchObject({ by: "upstream" });
  });

  it.each([
    ["says nothing", faults.hangBeforeHeaders(), 0],
    ["says nothing after the headers", faults.hangAfterHeaders(stream), 0],
    ["falls silent", faults.hangAfter(stream, 2), 2],
  ])("%s", async (_name, reply, events) => {
    upstream.enqueue(reply);
    const leave = new AbortController();
    const answer = post({}, { signal: leave.signal }).then((response) => response.text());
    const request = await upstream.nextRequest();
    while (request.progress.events < events) await new Promise((resolve) => setImmediate(resolve));
    leave.abort();
    await expect(answer).rejects.toThrow();
    expect(await request.closed).toMatchObject({ by: "client", events });
  });

  it("ends a stream in good order without its terminal event", async () => {
    upstream.enqueue(faults.endAfter(stream, 2));
    const text = await (await post()).text();
    expect(text).toContain('"content":"a"');
    expect(text).not.toContain("[DONE]");
  });

  it("cuts the same bytes anywhere, inside a code point too", async () => {
    const told = openai.stream(["€🚰", "ß"]);
    upstream.enqueue(told, faults.rechunk(told, 1), faults.rechunk(told, [3, 7, 400]));
    const whole = await (await post()).text();
    expect(whole).toContain("€🚰");
    expect(await (await post()).text()).toBe(whole);
    expect(await (await post()).text()).toBe(whole);
  });

  it("sends other answers than JSON", async () => {
    upstream.enqueue(faults.html(), faults.redirect("http://127.0.0.1:1/"), faults.truncatedJson({ a: 1 }));
    expect((await post()).headers.get("content-type")).toContain("text/html");
    expect((await post()).status).toBe(307);
    await expect((await post()).json()).rejects.toThrow(SyntaxError);
    upstream.enqueue(faults.hugeHeaders(), notHttp("SSH-2.0-OpenSSH_9.6\r\n"));
    await expect(post()).rejects.toThrow();
    await expect(post()).rejects.toThrow();
  });

  it("limits the rate in every form of retry-after", async () => {
    const date = new Date(1_800_000_000_000);
    for (const value of ["2", 2, date, "soon", null]) upstream.enqueue(faults.rateLimited(value));
    const seen: (string | null)[] = [];
    for (let index = 0; index < 5; index++) seen.push((await post()).headers.get("retry-after"));
    expect(seen).toEqual(["2", "2", date.toUTCString(), "soon", null]);
  });

  it("makes huge bodies no faster than they are read", async () => {
    upstream.enqueue(bulk.hugeJson(), bulk.gzipBomb(), bulk.endlessLine(), bulk.eventFlood());
    for (let index = 0; index < 4; index++) {
      const response = await post();
      const reader = response.body?.getReader();
      await reader?.read();
      await reader?.cancel();
      const { bytes, by } = (await upstream.requests[index]?.closed) ?? {};
      expect(by).toBe("client");
      expect(bytes).toBeLessThan(32 * 1024 ** 2);
    }
  });

  it("repeats a header and speaks OpenRouter's errors", async () => {
    upstream.enqueue(
      raw(200, { "set-cookie": ["a=1", "b=2"] }, "{}"),
      openrouter.failure({ code: 402, message: "Insufficient credits", metadata: { provider_name: "X" } }),
      openrouter.inBandFailure({ code: 429 }),
      openrouter.stream(["a"], { error: { code: 502, message: "down" } }),
      anthropic.failure(529, { type: "overloaded_error" }),
    );
    expect((await post()).headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect((await post()).status).toBe(402);
    expect(await (await post()).json()).toMatchObject({ error: { code: 429 } });
    const text = await (await post()).text();
    expect(text.startsWith(": OPENROUTER PROCESSING\n\n")).toBe(true);
    expect(text).toMatch(/"error":\{"code":502,"message":"down"\}.*"finish_reason":"error"\}\]\}\n\n$/);
    expect((await post()).status).toBe(529);
  });
});

function reading(response: Response) {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  const more = async () => {
    const { done = true, value } = (await reader?.read()) ?? {};
    text += decoder.decode(value, { stream: !done });
    return !done;
  };
  return {
    async until(part: string) {
      while (!text.includes(part) && (await more()));
      return text;
    },
    async rest() {
      while (await more());
      return text;
    },
  };
}
