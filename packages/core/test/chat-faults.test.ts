import { Gateway, type GatewayOptions, type Provider, type Receiver } from "@sluice/core";
import { error, type FakeProvider, fakeClock, fakeProvider, faults, gate, json, openai, raw } from "@sluice/testkit";
import { afterEach, describe, expect, it } from "vitest";

const ASK = { messages: [{ role: "user" as const, content: "Hello!" }] };

const open: Gateway[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((gateway) => gateway.close()));
});

/** One model on L0 for each provider, named like it, in the order given. */
function gateway(providers: readonly Provider[], options: GatewayOptions = {}): Gateway {
  const models = providers.map(({ name }, priority) => {
    return { id: name, provider: name, apiModelName: `vendor-${name}`, layer: "L0" as const, priority };
  });
  const made = new Gateway({
    providers: Object.fromEntries(providers.map((each) => [each.name, each])),
    models,
    ...options,
  });
  open.push(made);
  return made;
}

function failing(name: string, status: number, headers?: Record<string, string>): FakeProvider {
  return fakeProvider({ name, chat: () => error(status, { error: { message: "no" } }, headers) });
}

describe("a model that rests for long", () => {
  it("does not keep the others from another try", async () => {
    const resting = failing("resting", 429, { "retry-after": "1000000000" });
    let calls = 0;
    const shaky = fakeProvider({ name: "shaky", chat: () => (++calls % 2 === 1 ? error(500, {}) : "after all") });
    const made = gateway([resting, shaky]);
    await made.chat(ASK);
    const { choices } = await made.chat(ASK);
    expect(choices[0]?.message.content).toBe("after all");
    expect(resting.calls).toHaveLength(1);
  });
});

describe("a request that has no form in one provider's dialect", () => {
  const two = { ...ASK, n: 2 };

  it("goes to the next that has one", async () => {
    const claude = fakeProvider({ name: "claude", dialect: "anthropic" });
    const other = fakeProvider({ name: "other", chat: () => "twice" });
    expect((await gateway([claude, other]).chat(two)).choices[0]?.message.content).toBe("twice");
    expect(claude.calls).toHaveLength(0);
  });

  it("is not blamed on the caller when the others failed", async () => {
    const claude = fakeProvider({ name: "claude", dialect: "anthropic" });
    await expect(gateway([failing("other", 500), claude]).chat(two)).rejects.toMatchObject({ code: "upstream_failed" });
  });

  it("is the caller's to mend when nobody has one", async () => {
    const claude = fakeProvider({ name: "claude", dialect: "anthropic" });
    await expect(gateway([claude]).chat(two)).rejects.toMatchObject({ code: "invalid_request", param: "n" });
  });
});

describe("timers", () => {
  it("a call that waits for a slot ends when totalMs has passed", async () => {
    const clock = fakeClock();
    const door = gate();
    const busy = fakeProvider({
      name: "busy",
      concurrency: 1,
      chat: () => faults.waitAfter(openai.completion({}), 0, door),
    });
    const models = [
      { id: "long", provider: "busy", apiModelName: "l", layer: "L1" as const, timeouts: { totalMs: 60_000 } },
      { id: "short", provider: "busy", apiModelName: "s", layer: "L0" as const },
    ];
    const made = gateway([busy], { clock, models, routing: { timeouts: { totalMs: 1_000 } } });
    await made.ready();
    const holder = made.chat({ ...ASK, model: "long" });
    await clock.advanceAsync(10);
    const waiting = made.chat(ASK).catch((reason: unknown) => reason);
    await clock.advanceAsync(1_000);
    expect(await waiting).toMatchObject({ code: "timeout", details: expect.stringContaining("totalMs") });
    expect(busy.calls).toHaveLength(1);
    door.open();
    await holder;
  });

  it("a request cannot lengthen what is configured", async () => {
    const clock = fakeClock();
    const silent = fakeProvider({ name: "silent", chat: () => faults.hangBeforeHeaders() });
    const made = gateway([silent], { clock, routing: { timeouts: { headersMs: 1_000, totalMs: 2_000 } } });
    await made.ready();
    const timeouts = { headersMs: 60_000, totalMs: 60_000 };
    const answer = made.chat({ ...ASK, sluice: { timeouts } }).catch((reason: unknown) => reason);
    await clock.advanceAsync(1_100);
    expect(await answer).toMatchObject({ code: "timeout", details: expect.stringContaining("headersMs (1000 ms)") });
  });

  it("a model may take longer than the configuration says", async () => {
    const clock = fakeClock();
    const slow = fakeProvider({ name: "slow", chat: () => faults.hangBeforeHeaders() });
    const models = [
      {
        id: "slow",
        provider: "slow",
        apiModelName: "s",
        layer: "L0" as const,
        timeouts: { headersMs: 9_000, totalMs: 5_000 },
      },
    ];
    const made = gateway([slow], { clock, models, routing: { timeouts: { totalMs: 1_000 } } });
    await made.ready();
    const answer = made.chat(ASK).catch((reason: unknown) => reason);
    await clock.advanceAsync(4_000);
    expect(slow.running).toBe(1);
    await clock.advanceAsync(1_100);
    expect(await answer).toMatchObject({ details: expect.stringContaining("totalMs (5000 ms)") });
  });

  it("a slow client is no silent upstream, whatever still comes in", async () => {
    const clock = fakeClock();
    const wire = openWire();
    const made = gateway([wire.provider], { clock, routing: { timeouts: { idleMs: 1_000 } } });
    const answer = made.handle(request({ ...ASK, stream: true }));
    (await wire.sent).onData(Buffer.from(chunkOf("x")));
    const { body } = await answer;
    if (typeof body !== "object" || body === null || !("pipe" in body)) throw new Error("no stream");
    let text = "";
    const flow = body.pipe({
      write: (bytes) => {
        text += bytes.toString();
        return false;
      },
      end: () => {},
      abort: () => {},
    });
    (await wire.sent).onData(Buffer.from(chunkOf("y")));
    (await wire.sent).onData(Buffer.from("data: {")); // read before the transport heard that it should pause
    await clock.advanceAsync(5_000);
    expect(text).not.toContain("error");
    flow.drain();
    await clock.advanceAsync(2_000);
    expect(text).toContain("idleMs"); // from here on the silence is the upstream's
  });

  it("a slow client does not keep the upstream from closing in good order", async () => {
    const wire = openWire();
    const answer = gateway([wire.provider]).handle(request({ ...ASK, stream: true }));
    (await wire.sent).onData(Buffer.from(chunkOf("x")));
    const { body } = await answer;
    if (typeof body !== "object" || body === null || !("pipe" in body)) throw new Error("no stream");
    body.pipe({ write: () => false, end: () => {}, abort: () => {} });
    (await wire.sent).onData(Buffer.from(chunkOf("y")));
    expect(wire.isPaused).toBe(true);
    (await wire.sent).onData(Buffer.from("data: [DONE]\n\n")); // had been read together with what came before
    expect(wire.isPaused).toBe(false); // or the end of the response would never be read
  });
});

/** A provider whose answers a test writes itself. */
function openWire(): { readonly provider: Provider; readonly sent: Promise<Receiver>; readonly isPaused: boolean } {
  let started: (receiver: Receiver) => void = () => {};
  const sent = new Promise<Receiver>((resolve) => {
    started = resolve;
  });
  const exchange = {
    pause: () => {
      wire.isPaused = true;
    },
    resume: () => {
      wire.isPaused = false;
    },
    abort() {},
  };
  const provider: Provider = {
    name: "wire",
    dialect: "openai",
    send(_call, receiver) {
      receiver.onStart(exchange);
      receiver.onHeaders(200, { "content-type": "text/event-stream" });
      started(receiver);
    },
  };
  const wire = { provider, sent, isPaused: false };
  return wire;
}

function chunkOf(content: string): string {
  return `data: ${JSON.stringify({ model: "m", choices: [{ index: 0, delta: { content } }] })}\n\n`;
}

function request(asked: object) {
  const body = Buffer.from(JSON.stringify(asked));
  const headers: Record<string, string> = { host: "localhost", "content-type": "application/json" };
  return {
    method: "POST",
    url: "/v1/chat/completions",
    headers: { get: (name: string) => headers[name] ?? null },
    signal: new AbortController().signal,
    arrayBuffer: async () => new Uint8Array(body).buffer,
  };
}

describe("a provider of the application's own that throws", () => {
  it("has failed like any other, and the next one answers", async () => {
    const clock = fakeClock();
    const rude: Provider = {
      name: "rude",
      dialect: "openai",
      send() {
        throw new Error("with a secret in it");
      },
    };
    const made = gateway([rude, fakeProvider({ name: "kind" })], { clock });
    expect((await made.chat(ASK)).choices[0]?.message.content).toBe("Hello");
    await clock.advanceAsync(700_000); // no timer of the call is left that could go off
    const alone = made.chat({ ...ASK, model: "rude" }).catch((reason: unknown) => reason);
    await clock.advanceAsync(10_000);
    expect(await alone).toMatchObject({ code: "upstream_failed", details: "rude could not be reached" });
  });
});

describe("an error in an answer with status 200", () => {
  const completion = { id: "x", model: "m", usage: { prompt_tokens: 1, completion_tokens: 0, total_tokens: 1 } };
  const message = { role: "assistant", content: "" };

  it.each([
    ["beside empty choices", { error: { code: 502, message: "no" }, choices: [] }],
    ["in a choice", { choices: [{ index: 0, message, finish_reason: "error", error: { code: 502, message: "no" } }] }],
    ["that is no more than a reason", { choices: [{ index: 0, message, finish_reason: "error" }] }],
  ])("%s goes to the next model", async (_where, body) => {
    const broken = fakeProvider({ name: "broken", chat: () => json(200, { ...completion, ...body }) });
    const made = gateway([broken, fakeProvider({ name: "whole", chat: () => "whole" })]);
    expect((await made.chat(ASK)).choices[0]?.message.content).toBe("whole");
  });

  it.each([
    ["context_length_exceeded", "context_length_exceeded"],
    ["rate_limit_exceeded", "upstream_rate_limited"],
    ["429", "upstream_rate_limited"],
    ["something_else", "upstream_failed"],
  ])("is what its code %s says", async (code, expected) => {
    const broken = fakeProvider({ name: "broken", chat: () => json(200, { error: { code, message: "no" } }) });
    const made = gateway([broken], { routing: { attempts: 1 } });
    await expect(made.chat(ASK)).rejects.toMatchObject({ code: expected });
  });
});

it("says what the gateway itself took: all but the waiting for upstreams", async () => {
  const clock = fakeClock();
  const door = gate();
  const replies = [error(429, {}, { "retry-after": "2" }), faults.waitAfter(openai.completion({}), 0, door)];
  const slow = fakeProvider({ name: "slow", chat: () => replies.shift() ?? "no more" });
  const made = gateway([slow], { clock });
  await made.ready();
  const answer = made.handle(request(ASK));
  await clock.advanceAsync(2_700);
  door.open();
  const { headers } = await answer;
  expect(headers["x-sluice-attempts"]).toBe("2");
  expect(Number(headers["x-sluice-overhead-ms"])).toBeCloseTo(2_000, -2); // the wait that the upstream asked for
});

describe("a request nested too deep to be written", () => {
  const deep: Record<string, unknown> = {};
  let inner = deep;
  for (let level = 0; level < 50_000; level++) {
    const next = {};
    inner.a = next;
    inner = next;
  }

  it("is refused where a body parser of the application has read it", async () => {
    const asked = { ...request(ASK), parsedBody: { ...ASK, deep } };
    expect(await gateway([fakeProvider()]).handle(asked)).toMatchObject({ status: 400 });
  });

  it("is refused in the process", async () => {
    const made = gateway([fakeProvider()]);
    await expect(made.chat({ ...ASK, deep } as never)).rejects.toMatchObject({ code: "invalid_request" }); // any field may come
    await expect(made.embeddings({ model: "fake", input: "x", deep } as never)).rejects.toMatchObject({
      code: "invalid_request",
    });
  });
});

it("an overload keeps the word its provider has for it", async () => {
  const busy = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } };
  const claude = fakeProvider({ name: "claude", dialect: "anthropic", chat: () => error(529, busy) });
  const made = gateway([claude], { routing: { attempts: 1 } });
  const asOpenai = { host: "localhost", "content-type": "application/json", "x-sluice-error-format": "openai" };
  const init = { method: "POST", headers: asOpenai, body: JSON.stringify(ASK) };
  const response = await made.fetch(new Request("http://localhost/v1/chat/completions", init));
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ error: { code: "overloaded_error", type: "server_error" } });
});

describe("a stream", () => {
  it.each(["data: [DONE]", "data: [DONE]\n", "data:[DONE]\r\n"])(
    "is whole that ends with %j, less the blank line",
    async (last) => {
      const type = { "content-type": "text/event-stream" };
      const one = fakeProvider({ name: "one", stream: () => raw(200, type, [chunkOf("one"), last]) });
      const made = gateway([one]);
      const init = { method: "POST", headers: { host: "localhost", "content-type": "application/json" } };
      const body = JSON.stringify({ ...ASK, stream: true });
      const response = await made.fetch(new Request("http://localhost/v1/chat/completions", { ...init, body }));
      const text = await response.text();
      expect(text).toContain('"one"');
      expect(text).not.toContain("error");
      expect(text.trimEnd().endsWith("[DONE]")).toBe(true);
      expect(text.endsWith("\n\n")).toBe(true);
      const { calls } = await made.usage.request(response.headers.get("x-sluice-request-id") ?? "");
      expect(calls.map(({ status }) => status)).toEqual(["finished"]);
    },
  );

  it("is no answer that holds nothing but its end", async () => {
    const type = { "content-type": "text/event-stream" };
    const mute = fakeProvider({ name: "mute", stream: () => raw(200, type, ["data: [DONE]\n\n"]) });
    const read = async () => {
      for await (const _ of gateway([mute]).stream(ASK));
    };
    await expect(read()).rejects.toMatchObject({ details: expect.stringContaining("without an answer") });
  });

  it("is cut short where something else is left over", async () => {
    const type = { "content-type": "text/event-stream" };
    const left = fakeProvider({
      name: "left",
      stream: () => raw(200, type, [chunkOf("one"), chunkOf("two").trimEnd()]),
    });
    const read = async () => {
      for await (const _ of gateway([left]).stream(ASK));
    };
    await expect(read()).rejects.toMatchObject({ details: expect.stringContaining("before its terminal event") });
  });

  it("ends with an error frame at an event that is cut short", async () => {
    const events = [chunkOf("one"), chunkOf("two").replace('"}}]}', ""), chunkOf("three"), "data: [DONE]\n\n"];
    const type = { "content-type": "text/event-stream" };
    const broken = fakeProvider({ name: "broken", stream: () => raw(200, type, events) });
    const texts: unknown[] = [];
    const read = async () => {
      for await (const chunk of gateway([broken]).stream(ASK)) texts.push(chunk.choices[0]?.delta.content);
    };
    await expect(read()).rejects.toMatchObject({
      code: "upstream_failed",
      details: expect.stringContaining("not JSON"),
    });
    expect(texts).toContain("one");
    expect(texts).not.toContain("three");
  });

  it("ends with an error frame at a choice that only says error", async () => {
    const events = openai.stream(["one"], { finish_reason: "error" });
    const broken = fakeProvider({ name: "broken", stream: () => events });
    const read = async () => {
      for await (const _ of gateway([broken]).stream(ASK));
    };
    await expect(read()).rejects.toMatchObject({ code: "upstream_failed" });
  });

  it.each(["\n", "\r\n", "\r"] as const)(
    "has its receipt in the usage chunk, with lines that end in %j",
    async (end) => {
      const clock = fakeClock();
      const door = gate();
      const reply = openai.stream(["x"], { usage: true, framing: { lineEnd: end, space: false } });
      const slow = fakeProvider({ name: "slow", stream: () => faults.waitAfter(reply, 0, door) });
      const made = gateway([slow], { clock, routing: { keepAliveAfterMs: 1_000 } });
      await made.ready();
      const usages: unknown[] = [];
      const read = (async () => {
        for await (const chunk of made.stream({ ...ASK, stream_options: { include_usage: true } })) usages.push(chunk);
      })();
      await clock.advanceAsync(1_500);
      door.open();
      await read;
      expect(usages.at(-1)).toMatchObject({
        usage: { prompt_tokens: expect.any(Number) },
        sluice: { provider: "slow" },
      });
    },
  );
});
