import { request } from "node:http";
import { Gateway, type GatewayOptions } from "@sluice/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ScriptedUpstream, scriptedUpstream } from "../scripted-upstream.js";
import * as faults from "../upstream/faults.js";
import { gate } from "../upstream/gate.js";
import * as openai from "../upstream/openai.js";
import { countedParts, countingStream } from "./counting-stream.js";
import { unless } from "./provider-steps.js";
import { stillness } from "./stillness.js";

/** A gateway mounted on some HTTP stack. */
export interface MountedGateway {
  /** Where the gateway's own root is, without a slash at the end, such as `http://127.0.0.1:41234/ai`. */
  readonly base: string;
  close(): Promise<void>;
}

/** What a mount leaves to others than the gateway, each with the reason. */
export interface AdapterContractOptions {
  readonly skip?: {
    /** JSON that is none is answered by whoever parses bodies before the gateway. */
    readonly malformedJson?: string;
    /** Who the caller is, the application says. */
    readonly identity?: string;
  };
}

const ASK = { messages: [{ role: "user", content: "Hello!" }] };
const CHAT = "/v1/chat/completions";
/** Several times what the sockets on the way may hold, of which some systems let each have 32 MiB. */
const MANY_BYTES = 256 * 1024 * 1024;

/**
 * The contract of an adapter: whatever HTTP stack a gateway is mounted on, callers see the same.
 * @example
 * ```ts
 * describeAdapter("node:http at a prefix", (gateway) => listen(nodeGateway(gateway, { prefix: "/ai" }), "/ai"));
 * ```
 */
export function describeAdapter(
  name: string,
  mount: (gateway: Gateway) => Promise<MountedGateway>,
  options: AdapterContractOptions = {},
): void {
  const { skip = {} } = options;

  describe(`${name} adapter`, () => {
    let upstream: ScriptedUpstream;
    let gateway: Gateway;
    let mounted: MountedGateway;

    async function start(options: GatewayOptions = {}): Promise<void> {
      gateway = new Gateway({
        providers: { vendor: { type: "openai-compatible", baseUrl: `${upstream.url}/v1` } },
        models: [{ id: "one", provider: "vendor", apiModelName: "vendor-one", layer: "L0" }],
        routing: { attempts: 1 },
        ...options,
      });
      mounted = await mount(gateway);
    }

    beforeEach(async () => {
      upstream = await scriptedUpstream();
      await start();
    });

    afterEach(async () => {
      await mounted.close();
      await gateway.close();
      await upstream.close();
    });

    function post(body: unknown, init: RequestInit = {}): Promise<Response> {
      const text = typeof body === "string" ? body : JSON.stringify(body);
      const headers = { "content-type": "application/json", ...init.headers };
      return fetch(`${mounted.base}${CHAT}`, { ...init, method: "POST", headers, body: text });
    }

    /** The status for a header in several lines, which Fetch would join. */
    function statusOf(name: string, values: readonly string[]): Promise<number | undefined> {
      return new Promise((resolve, reject) => {
        const sent = request(`${mounted.base}/v1/models`).setHeader(name, values);
        sent.on("response", (response) => resolve(response.resume().statusCode));
        sent.on("error", reject).end();
      });
    }

    it("answers JSON with its length and its headers", async () => {
      upstream.enqueue(openai.completion({ content: "Hi 🚰" }));
      const response = await post(ASK);
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
      expect(response.headers.get("x-sluice-model")).toBe("one");
      expect(await response.json()).toMatchObject({ choices: [{ message: { content: "Hi 🚰" } }] });
    });

    it("answers HEAD without a body", async () => {
      const response = await fetch(`${mounted.base}/v1/models`, { method: "HEAD" });
      expect(response.status).toBe(200);
      expect(await response.text()).toBe("");
    });

    it("answers a field that is wrong with 400 in the documented shape", async () => {
      const response = await post({ messages: [] });
      expect(response.status).toBe(400);
      expect(await response.json()).toEqual({
        error: "Invalid request",
        details: expect.stringMatching(/^messages: /),
      });
    });

    unless(skip.malformedJson)("answers JSON that is none with 400", async () => {
      const response = await post('{"messages": [');
      expect(response.status).toBe(400);
      expect(await response.json()).toEqual({
        error: "Invalid request",
        details: expect.stringContaining("not valid JSON"),
      });
    });

    it("answers a body over the limit with 413, before it has come", async () => {
      const model = JSON.stringify({ id: "x".repeat(70_000) });
      const response = await fetch(`${mounted.base}/v1/models`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: model,
      });
      expect(response.status).toBe(413);
      expect(await response.json()).toMatchObject({ error: "Request body too large" });
    });

    it("streams chunk by chunk", async () => {
      const halfway = gate();
      upstream.enqueue(openai.stream(["one", halfway, "two"]));
      const response = await post({ ...ASK, stream: true });
      expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
      const reader = (response.body as ReadableStream<Uint8Array>).getReader();
      let text = "";
      while (!text.includes('"one"')) text += Buffer.from((await reader.read()).value ?? []).toString();
      expect(text).not.toContain('"two"'); // the first chunk is here while the upstream waits with the second
      halfway.open();
      for (let part = await reader.read(); !part.done; part = await reader.read())
        text += Buffer.from(part.value).toString();
      expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
    });

    it.each([
      ["before the answer", () => faults.hangBeforeHeaders(), false],
      ["before the first output", () => faults.hangAfter(openai.stream(["x"]), 1), true],
    ])("a caller who leaves %s stops the provider", async (_when, reply, stream) => {
      upstream.enqueue(reply());
      const leaving = new AbortController();
      const answer = post({ ...ASK, stream }, { signal: leaving.signal });
      const request = await upstream.nextRequest();
      leaving.abort();
      await expect(answer).rejects.toThrow();
      expect((await request.closed).by).toBe("client");
    });

    it("a caller who leaves in the middle of a stream stops the provider", async () => {
      upstream.enqueue(faults.hangAfter(openai.stream(["x", "y"]), 2));
      const response = await post({ ...ASK, stream: true });
      await response.body?.cancel();
      expect((await (await upstream.nextRequest()).closed).by).toBe("client");
    });

    it("lets a slow reader slow the provider down, and loses nothing", async () => {
      const stream = countingStream(MANY_BYTES);
      upstream.enqueue(stream.reply);
      const response = await post({ ...ASK, stream: true });
      const { progress } = await upstream.nextRequest();
      expect(await stillness(() => progress.bytes)).toBeLessThan(MANY_BYTES / 2);
      stream.stop();
      const parts = countedParts(await response.text());
      expect(parts).toEqual(Array.from({ length: stream.sent }, (_, index) => index));
    });

    unless(skip.identity)("hands on the address of the caller, and who he says he is", async () => {
      await mounted.close();
      const seen: unknown[] = [];
      await start({
        identify(request, peer) {
          seen.push(peer?.address, request.headers.get("x-user"), request.headers.get("x-absent"));
          return null;
        },
      });
      const response = await fetch(`${mounted.base}/v1/models`, { headers: { "x-user": "alice" } });
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toBe("Bearer");
      expect(seen.slice(1)).toEqual(["alice", null]);
    });

    unless(skip.identity)(
      "joins what a header says that comes more than once, and takes no second credential",
      async () => {
        await mounted.close();
        const seen: unknown[] = [];
        await start({
          identify(request) {
            seen.push(request.headers.get("x-user"));
            return { id: "x", role: "client" };
          },
        });
        expect(await statusOf("x-user", ["alice", "bob"])).toBe(200);
        expect(seen).toEqual(["alice, bob"]);
        expect(await statusOf("authorization", ["Bearer a", "Bearer b"])).toBe(400);
        expect(seen).toHaveLength(1);
      },
    );

    it("answers 429 with the time to wait", async () => {
      upstream.enqueue(faults.rateLimited("30"));
      const response = await post(ASK);
      expect(response.status).toBe(429);
      expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(25);
    });

    unless(skip.identity)("masks what it did not expect", async () => {
      await mounted.close();
      await start({
        identify() {
          throw new Error("the password is hunter2");
        },
      });
      const response = await fetch(`${mounted.base}/v1/models`);
      expect(response.status).toBe(500);
      expect(await response.text()).not.toContain("hunter2");
    });

    it.each([
      ["/v1/models/%zz", 400],
      ["/v1/models/a%2Fb", 404],
      ["/v1/models/", 404],
      ["/v1/models?x=%zz", 200],
      ["/v1//models", 404],
      ["/%00", 404],
    ])("answers %s with %i", async (target, status) => {
      expect((await fetch(`${mounted.base}${target}`)).status).toBe(status);
    });
  });
}
