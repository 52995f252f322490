import { readdirSync } from "node:fs";
import { Gateway } from "@sluice/core";
import { type Serving, serve } from "@sluice/node";
import { type Closing, gate, openai, type ScriptedUpstream, scriptedUpstream } from "@sluice/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";

const STREAMS = 200;
const PLAIN = 100;

let upstream: ScriptedUpstream;
let serving: Serving;

beforeAll(async () => {
  upstream = await scriptedUpstream();
  const gateway = new Gateway({
    providers: { vendor: { type: "openai-compatible", baseUrl: `${upstream.url}/v1` } },
    limits: { perIp: null },
    models: [{ id: "one", provider: "vendor", apiModelName: "one", layer: "L0" }],
  });
  serving = await serve(gateway, { port: 0, drain: { acceptMs: 0 } });
});

afterAll(async () => {
  await serving.close();
  await upstream.close();
});

/** Leaves when the upstream has come to a gate; resolves with how the upstream's connection ended. */
async function leave(stream: boolean, before: number): Promise<Closing> {
  const door = gate();
  const words = Array.from({ length: 10 }, (_unused, index) => `word${index}`);
  upstream.enqueue(openai.stream([...words.slice(0, before), door, ...words.slice(before)]));
  const leaving = new AbortController();
  const answer = fetch(`${serving.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ stream, messages: [{ role: "user", content: "Hello!" }] }),
    signal: leaving.signal,
  }).then((response) => response.text());
  const request = await upstream.nextRequest();
  await door.reached;
  leaving.abort();
  await expect(answer).rejects.toThrow();
  return request.closed;
}

function openFiles(): number {
  return readdirSync("/proc/self/fd").length;
}

it("every caller who leaves stops the upstream, and nothing stays open", async () => {
  await leave(true, 1); // what is made once is made now
  const before = openFiles();
  for (let round = 0; round < STREAMS; round++) expect((await leave(true, round % 11)).by).toBe("client");
  for (let round = 0; round < PLAIN; round++) expect((await leave(false, 0)).by).toBe("client");
  await upstream.idle();
  expect(openFiles()).toBeLessThan(before + 20);
});
