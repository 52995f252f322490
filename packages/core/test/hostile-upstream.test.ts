import { Gateway } from "@sluice/core";
import {
  bulk,
  faults,
  notHttp,
  openai,
  type Reply,
  raw,
  type ScriptedUpstream,
  scriptedUpstream,
  sse,
} from "@sluice/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const ASK = { messages: [{ role: "user" as const, content: "Hello!" }] };
const MEGABYTE = 1024 * 1024;

let upstream: ScriptedUpstream;
let gateway: Gateway;

beforeEach(async () => {
  upstream = await scriptedUpstream();
  gateway = new Gateway({
    providers: { vendor: { type: "openai-compatible", baseUrl: `${upstream.url}/v1` } },
    models: [{ id: "one", provider: "vendor", apiModelName: "one", layer: "L0" }],
    routing: { attempts: 1 },
  });
});

afterEach(async () => {
  await gateway.close();
  await upstream.close();
});

function post(stream: boolean): Promise<Response> {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ ...ASK, stream });
  return gateway.fetch(new Request("http://localhost/v1/chat/completions", { method: "POST", headers, body }));
}

const replies: readonly (readonly [string, () => Reply])[] = [
  ["an HTML page with 200", () => faults.html()],
  ["truncated JSON", () => faults.truncatedJson({ id: "x", model: "m", choices: [{ index: 0 }] })],
  ["truncated JSON with a wrong length", () => faults.truncatedJson({ id: "x", model: "m" }, { length: "wrong" })],
  ["JSON that is no answer", () => raw(200, { "content-type": "application/json" }, "[1,2,3]")],
  ["a scalar", () => raw(200, { "content-type": "application/json" }, "42")],
  ["nothing", () => raw(200, { "content-type": "application/json" }, "")],
  [
    "bytes that are not UTF-8",
    () => raw(200, { "content-type": "application/json" }, Buffer.from([0x7b, 0xff, 0xfe, 0x7d])),
  ],
  ["a gigabyte", () => bulk.hugeJson()],
  ["a line without end", () => bulk.endlessLine()],
  ["a gzip bomb", () => bulk.gzipBomb()],
  ["headers without end", () => faults.hugeHeaders()],
  ["something that is not HTTP", () => notHttp("SSH-2.0-OpenSSH_9.2\r\n")],
  ["a reset", () => faults.resetAfter(openai.stream(["x"]), 0)],
];

describe.each([false, true])("an upstream that answers (stream: %s)", (stream) => {
  it.each(replies)("%s gets a clear error, in bounded memory", async (_name, reply) => {
    upstream.always(reply());
    const before = process.memoryUsage().rss;
    const response = await post(stream);
    expect(response.status).toBe(502);
    expect(await response.json()).toEqual({ error: "The provider failed", details: expect.stringMatching(/^one \S/) });
    expect(process.memoryUsage().rss - before).toBeLessThan(250 * MEGABYTE);
    // And the process lives: the next answer is as good as ever.
    upstream.always(openai.completion({ content: "fine" }));
    expect((await gateway.chat(ASK)).choices[0]?.message.content).toBe("fine");
  });
});

it("reads ten thousand tiny events one after the other", async () => {
  upstream.enqueue(bulk.eventFlood(10_000));
  const response = await post(true);
  expect(response.status).toBe(200);
  expect((await response.text()).split("\n\n").length).toBeGreaterThan(10_000);
});

it("holds the upstream back while the caller does not read", async () => {
  upstream.enqueue(bulk.eventFlood());
  const response = await post(true);
  const reader = response.body?.getReader();
  await reader?.read();
  const request = await upstream.nextRequest();
  // The flood never ends; what the upstream could send stops growing once every buffer between is full.
  let sent = -1;
  while (sent !== request.progress.bytes) {
    sent = request.progress.bytes;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  expect(sent).toBeLessThan(20 * MEGABYTE);
  await reader?.cancel();
  expect((await request.closed).by).toBe("client");
});

describe("server-sent events in every legal framing", () => {
  const chunk = (content: string) => ({
    id: "x",
    object: "chat.completion.chunk",
    created: 1,
    model: "m",
    choices: [{ index: 0, delta: { content }, finish_reason: null }],
  });
  const messages = [
    ...["Grüße ", "🚰 ", "\\n\n"].map((text) => ({ data: JSON.stringify(chunk(text)) })),
    { data: "[DONE]" },
  ];

  it.each([
    ["LF", {}],
    ["CRLF", { lineEnd: "\r\n" as const }],
    ["CR", { lineEnd: "\r" as const }],
    ["no space after the colon", { space: false }],
    ["a byte order mark", { bom: true }],
    ["ids and retry times", { ids: true, retryMs: 10 }],
  ])("%s", async (_name, framing) => {
    for (const size of [1, 3, 7, 10_000]) {
      upstream.enqueue(faults.rechunk(sse(messages, framing), size));
      let text = "";
      for await (const part of gateway.stream(ASK)) text += part.choices[0]?.delta.content ?? "";
      expect(text).toBe("Grüße 🚰 \\n\n");
    }
  });
});

it("never wedges a connection: callers who leave at any moment leave a working pool behind", async () => {
  for (let round = 0; round < 30; round++) {
    const stream = round % 2 === 0;
    upstream.enqueue(
      [
        faults.hangBeforeHeaders(),
        faults.hangAfter(openai.stream(["x", "y"]), 1),
        faults.hangAfter(openai.stream(["x", "y"]), 2),
      ][round % 3] ?? faults.hangBeforeHeaders(),
    );
    const leaving = new AbortController();
    const headers = { "content-type": "application/json" };
    const request = new Request("http://localhost/v1/chat/completions", {
      method: "POST",
      headers,
      body: JSON.stringify({ ...ASK, stream }),
      signal: leaving.signal,
    });
    const answer = gateway
      .fetch(request)
      .then((response) => response.text())
      .catch(() => "");
    const arrived = await upstream.nextRequest();
    leaving.abort();
    await answer;
    await arrived.closed;
  }
  upstream.always(openai.completion({ content: "fine" }));
  const answers = await Promise.all(Array.from({ length: 20 }, () => gateway.chat(ASK)));
  expect(answers).toHaveLength(20);
});
