import { Gateway, type GatewayOptions, type Identity } from "@sluice/core";
import {
  fakeClock,
  gate,
  hasRedis,
  openai,
  redisServer,
  type ScriptedUpstream,
  scriptedUpstream,
} from "@sluice/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const HELLO = { model: "one", messages: [{ role: "user" as const, content: "Hello!" }] };

let upstream: ScriptedUpstream;
const gateways: Gateway[] = [];

beforeEach(async () => {
  upstream = await scriptedUpstream();
});

afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway.close();
  await upstream.close();
});

function made(options: GatewayOptions = {}): Gateway {
  const gateway = new Gateway({
    providers: { vendor: { type: "openai-compatible", baseUrl: `${upstream.url}/v1` } },
    models: [{ id: "one", provider: "vendor", apiModelName: "one", layer: "L0" }],
    routing: { attempts: 1 },
    ...options,
  });
  gateways.push(gateway);
  return gateway;
}

function caller(limits: Identity["limits"], id = "a"): Identity {
  return { id, role: "client", kind: "key", limits: { requests: null, ...limits } };
}

describe("calls at once", () => {
  const identity = caller({ concurrency: 2 });

  it("are refused beyond the limit, and admitted once one has ended", async () => {
    const gateway = made();
    const door = gate();
    upstream.always(openai.stream(["a", door, "b"]));
    const first = gateway.stream(HELLO, { identity });
    const second = gateway.stream(HELLO, { identity });
    await first.next();
    await second.next();
    await expect(gateway.chat(HELLO, { identity })).rejects.toMatchObject({
      code: "rate_limit_exceeded",
      details: "2 calls at once per key; retry when one of them has ended",
    });
    const other = gateway.stream(HELLO, { identity: caller({ concurrency: 1 }, "b") });
    await other.next();
    await first.return();
    const third = gateway.stream(HELLO, { identity });
    expect((await third.next()).done).toBe(false);
    door.open();
    for (const stream of [second, third, other]) await drained(stream);
  });

  it("are given back however a call ends", async () => {
    const gateway = made();
    let answers = 0;
    upstream.respond(({ json }) => {
      const broken = ++answers % 4 === 0;
      if (broken) return openai.failure(answers % 8 === 0 ? 500 : 400);
      return (json as { stream?: boolean }).stream ? openai.stream(["a", "b"]) : openai.completion();
    });
    const call = async (index: number) => {
      const leaving = new AbortController();
      const options = { identity: caller({ concurrency: 1_000 }), signal: leaving.signal };
      if (index % 5 === 0) leaving.abort();
      if (index % 3 === 0) {
        for await (const { choices } of gateway.stream(HELLO, options)) if (index % 2 === 0 && choices) break;
      }
      if (index % 3 !== 0) await gateway.chat(HELLO, options);
    };
    for (let round = 0; round < 10; round++) {
      await Promise.allSettled(Array.from({ length: 40 }, (_, index) => call(index)));
    }
    upstream.always(openai.completion());
    // One place is enough for one after the other: no place is taken any more.
    for (let count = 0; count < 3; count++) await gateway.chat(HELLO, { identity: caller({ concurrency: 1 }) });
  });

  it("may be limited for everybody", async () => {
    const gateway = made({ limits: { perKey: { concurrency: 1 } } });
    const door = gate();
    upstream.always(openai.stream(["a", door, "b"]));
    const stream = gateway.stream(HELLO, { identity: { id: "a", role: "client" } });
    await stream.next();
    await expect(gateway.chat(HELLO, { identity: { id: "a", role: "client" } })).rejects.toMatchObject({ status: 429 });
    door.open();
    await stream.return();
  });
});

describe("tokens per minute", () => {
  const identity = caller({ tokensPerMinute: 100 });

  it("count what calls have used, and come back with the minute", async () => {
    const clock = fakeClock();
    const gateway = made({ clock });
    upstream.always(openai.completion({ usage: { prompt_tokens: 60, completion_tokens: 20, total_tokens: 80 } }));
    await gateway.chat(HELLO, { identity });
    await expect(gateway.chat({ ...HELLO, max_tokens: 50 }, { identity })).rejects.toMatchObject({
      code: "rate_limit_exceeded",
      details: expect.stringMatching(/^100 tokens per 60 s per key; retry in \d+ s$/),
    });
    clock.advance(61_000);
    await gateway.chat({ ...HELLO, max_tokens: 50 }, { identity });
  });

  it("let a call run that asks for more than all of them, when nothing else runs", async () => {
    const gateway = made();
    upstream.always(openai.completion({ usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } }));
    await gateway.chat({ ...HELLO, max_tokens: 100_000 }, { identity });
    await gateway.chat({ ...HELLO, max_tokens: 50 }, { identity }); // what the first did not use is there again
  });
});

describe.skipIf(!hasRedis())(`over instances${hasRedis() ? "" : " (needs redis-server)"}`, () => {
  it("counts calls at once together", async () => {
    const redis = await redisServer();
    const [one, other] = [made({ redis: redis.url }), made({ redis: redis.url })];
    const identity = caller({ concurrency: 1 });
    const door = gate();
    upstream.always(openai.stream(["a", door, "b"]));
    const stream = one.stream(HELLO, { identity });
    await stream.next();
    await expect(other.chat(HELLO, { identity })).rejects.toMatchObject({ code: "rate_limit_exceeded" });
    door.open();
    await drained(stream);
    upstream.always(openai.completion());
    await expect.poll(() => other.chat(HELLO, { identity }).then(() => "answered", String)).toBe("answered");
    await Promise.all(gateways.splice(0).map((gateway) => gateway.close()));
    await redis.close();
  });

  it("forgets the calls of an instance that is gone", async () => {
    const redis = await redisServer();
    const gateway = made({ redis: redis.url });
    const identity = caller({ concurrency: 1 });
    await gateway.ready();
    // What a process leaves behind that was killed: a lease that nobody renews.
    const ended = String(Date.now() * 1_000 - 1);
    await redis.command("ZADD", "sluice:calls:{key:a}", ended, "lost");
    upstream.always(openai.completion());
    await gateway.chat(HELLO, { identity });
    await redis.command("ZADD", "sluice:calls:{key:a}", String((Date.now() + 20_000) * 1_000), "running");
    await expect(gateway.chat(HELLO, { identity })).rejects.toMatchObject({ code: "rate_limit_exceeded" });
    await Promise.all(gateways.splice(0).map((each) => each.close()));
    await redis.close();
  });
});

async function drained(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const chunk of stream) expect(chunk).toBeDefined();
}
