import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Gateway } from "@sluice/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  collect,
  error,
  faults,
  gate,
  json,
  openai,
  parseRecording,
  raw,
  recordUpstream,
  refusedUrl,
  replay,
  type ScriptedUpstream,
  scriptedUpstream,
  type UpstreamRecorder,
} from "./index.js";

const KEY = "sk-test-0123456789+/abc";

let upstream: ScriptedUpstream;
let recorder: UpstreamRecorder;
let directory: string;

beforeEach(async () => {
  upstream = await scriptedUpstream();
  recorder = await recordUpstream(upstream.url, { vendor: "scripted" });
  directory = await mkdtemp(join(tmpdir(), "sluice-recordings-"));
});

afterEach(async () => {
  await recorder.close();
  await upstream.close();
  await rm(directory, { recursive: true });
});

function ask(init: RequestInit & { path?: string } = {}, base = recorder.url): Promise<Response> {
  const { path = "/v1/chat/completions", ...rest } = init;
  return fetch(base + path, { method: "POST", body: '{"model":"m"}', ...rest });
}

async function savedTexts(): Promise<string[]> {
  const files = await recorder.save(directory);
  return Promise.all(files.map((file) => readFile(file, "utf8")));
}

describe("recordUpstream", () => {
  it("keeps an exchange that, saved, read and replayed, gives the same bytes", async () => {
    const stream = openai.stream(["Grü", "ße", " 🚰"], { usage: true, framing: { lineEnd: "\r\n" } });
    upstream.enqueue(stream);
    const first = await ask();
    const { bytes } = await collect(first);
    const [text = ""] = await savedTexts();
    const recording = parseRecording(JSON.parse(text));
    upstream.enqueue(replay(recording));
    const again = await ask({}, upstream.url);
    expect(again.status).toBe(first.status);
    expect((await collect(again)).bytes).toEqual(bytes);
    const parts = [...stream.steps].flatMap((step) =>
      step.kind === "bytes" ? Buffer.from(step.bytes).toString() : [],
    );
    expect(recording.response.body).toEqual(parts);
    expect(again.headers.get("x-request-id")).toBe("req_scripted");
  });

  it("says who answered what", async () => {
    upstream.enqueue(openai.completion({ content: "one" }));
    upstream.enqueue(error(429, { error: { message: "slow" } }, { "retry-after": "2" }));
    await (await ask({ path: "/v1/chat/completions?a=1" })).text();
    await (await ask({ body: "plain words" })).text();
    const host = upstream.url.replace("http://", "");
    expect(recorder.recordings).toMatchObject([
      {
        vendor: "scripted",
        about: `${host} answers POST /v1/chat/completions with status 200.`,
        request: { method: "POST", path: "/v1/chat/completions?a=1", body: { model: "m" } },
      },
      { request: { body: "plain words" }, response: { status: 429, headers: { "retry-after": "2" } } },
    ]);
    expect((await recorder.save(directory)).map((file) => basename(file))).toEqual([
      "01-post-v1-chat-completions-200.json",
      "02-post-v1-chat-completions-429.json",
    ]);
  });

  it("stands between a gateway and its vendor", async () => {
    upstream.enqueue(openai.completion({ content: "Hello!" }));
    const gateway = new Gateway({
      providers: { openai: { apiKey: KEY, baseUrl: `${recorder.url}/v1` } },
      models: [{ id: "m", provider: "openai", apiModelName: "x", layer: "L0" }],
    });
    const answer = await gateway.chat({ model: "m", messages: [{ role: "user", content: "Hi" }] });
    expect(answer.choices[0]?.message.content).toBe("Hello!");
    expect((await upstream.nextRequest()).headers).toMatchObject({
      authorization: `Bearer ${KEY}`,
      host: upstream.url.replace("http://", ""),
      "accept-encoding": "identity",
    });
    await gateway.close();
  });

  it("hands a stream on as it comes", async () => {
    const halfway = gate();
    upstream.enqueue(raw(200, { "content-type": "text/event-stream" }, ["data: 1\n\n", halfway, "data: 2\n\n"]));
    const reader = (await ask()).body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe("data: 1\n\n");
    expect(recorder.recordings).toEqual([]);
    halfway.open();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe("data: 2\n\n");
    expect((await reader?.read())?.done).toBe(true);
    expect(recorder.recordings[0]?.response.body).toEqual(["data: 1\n\n", "data: 2\n\n"]);
  });

  it("hands the head on before there is a body", async () => {
    const before = gate();
    upstream.enqueue(raw(200, {}, [before, "late"]));
    const response = await ask();
    before.open();
    expect(await response.text()).toBe("late");
  });

  it("closes the upstream when the client leaves before an answer, and keeps nothing", async () => {
    upstream.enqueue(faults.hangBeforeHeaders());
    const leaving = new AbortController();
    const answer = ask({ signal: leaving.signal });
    const request = await upstream.nextRequest();
    leaving.abort();
    await expect(answer).rejects.toThrow("abort");
    expect((await request.closed).by).toBe("client");
    expect(recorder.recordings).toEqual([]);
  });

  it("closes the upstream when the client leaves in the middle of one, and keeps nothing", async () => {
    upstream.enqueue(faults.hangAfter(openai.stream(["one", "two"]), 2));
    const reader = (await ask()).body?.getReader();
    await reader?.read();
    await reader?.cancel();
    expect((await (await upstream.nextRequest()).closed).by).toBe("client");
    expect(recorder.recordings).toEqual([]);
  });

  it("breaks off when the upstream does, and keeps nothing", async () => {
    upstream.enqueue(faults.cutAfter(openai.stream(["one", "two"]), 1));
    await expect(ask().then((response) => response.text())).rejects.toThrow();
    expect(recorder.recordings).toEqual([]);
  });

  it("says 502 for an upstream that cannot be reached, and keeps nothing", async () => {
    const lost = await recordUpstream(await refusedUrl());
    const response = await ask({}, lost.url);
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ error: { message: expect.stringContaining("ECONNREFUSED") } });
    expect(lost.recordings).toEqual([]);
    await lost.close();
  });

  it("hands on what is no text, and does not keep it", async () => {
    const sound = Buffer.from([0xff, 0xfb, 0x90, 0x00]);
    upstream.enqueue(raw(200, { "content-type": "audio/mpeg" }, sound));
    expect((await collect(await ask())).bytes).toEqual(sound);
    expect(recorder.recordings).toEqual([]);
  });

  it.each(["127.0.0.1", "ftp://vendor.example", "https://vendor.example/v1"])(
    "refuses %s as a target",
    async (target) => {
      await expect(recordUpstream(target)).rejects.toThrow(TypeError);
    },
  );
});

describe("a recording's secrets", () => {
  const SECRETS = {
    authorization: `Bearer ${KEY}`,
    "x-api-key": "ant-key-0123456789",
    "api-key": "azure-key-0123456789",
    cookie: "session=0123456789abcdef",
    "openai-organization": "org-0123456789",
    "openai-project": "proj_0123456789",
  };
  const VALUES = [...Object.values(SECRETS), KEY];

  it("stay out of every file, wherever the upstream repeats them", async () => {
    const headers = {
      "set-cookie": "__cf_bm=0123456789; path=/",
      "x-echo": `key ${KEY}`,
      "openai-organization": "acme-inc",
    };
    upstream.enqueue(json(200, { said: VALUES, set: "__cf_bm=0123456789; path=/", of: "acme-inc" }, headers));
    const path = `/v1/chat/completions?key=query-key-01&api_key=${encodeURIComponent(KEY)}`;
    await (await ask({ headers: SECRETS, path, body: JSON.stringify({ model: "m", leaked: VALUES }) })).text();
    const [text = ""] = await savedTexts();
    for (const secret of [...VALUES, encodeURIComponent(KEY), "__cf_bm", "query-key-01", "acme-inc"])
      expect(text).not.toContain(secret);
    const { request, response } = parseRecording(JSON.parse(text));
    for (const name of [...Object.keys(SECRETS), "host"]) expect(request.headers).not.toHaveProperty(name);
    expect(response.headers).not.toHaveProperty("set-cookie");
    expect(response.headers["x-echo"]).toBe("key [redacted]");
    expect(request.path).toBe("/v1/chat/completions?key=[redacted]&api_key=[redacted]");
    expect(request.body).toEqual({
      model: "m",
      leaked: VALUES.map(() => "[redacted]").fill("Bearer [redacted]", 0, 0),
    });
  });

  it("stay out where a chunk ends within one", async () => {
    upstream.enqueue(raw(200, {}, ["data: sk-te", "st-0123", `456789+/abc and ${KEY}`, " end\n\n"]));
    const { text } = await collect(await ask({ headers: { authorization: `Bearer ${KEY}` } }));
    expect(text).toContain(KEY);
    expect(recorder.recordings[0]?.response.body).toEqual(["data: [redacted]", " and [redacted]", " end\n\n"]);
  });

  it("leave an answer that can still be replayed", async () => {
    upstream.enqueue(json(401, { error: { message: `Wrong key ${KEY}.` } }));
    await (await ask({ headers: { authorization: `Bearer ${KEY}` } })).text();
    const [recording] = recorder.recordings;
    upstream.enqueue(replay(parseRecording(recording)));
    expect(await (await ask({}, upstream.url)).json()).toEqual({ error: { message: "Wrong key [redacted]." } });
  });

  it("do not include a placeholder, which would hit the answer's own words", async () => {
    upstream.enqueue(openai.completion({ content: "none of them" }));
    await (await ask({ headers: { authorization: "Bearer none" } })).text();
    expect(recorder.recordings[0]?.response.body.join("")).toContain("none of them");
    expect(recorder.recordings[0]?.request.headers).not.toHaveProperty("authorization");
  });
});
