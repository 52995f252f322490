import { Gateway, type GatewayOptions, type Judge } from "@sluice/core";
import { type FakeProvider, fakeClock, fakeProvider, gate, openai } from "@sluice/testkit";
import { afterEach, describe, expect, it } from "vitest";

const QUESTION = { messages: [{ role: "user" as const, content: "What is 17 * 3?" }] };

const open: Gateway[] = [];

afterEach(() => Promise.all(open.splice(0).map((gateway) => gateway.close())));

type Chat = NonNullable<Parameters<typeof fakeProvider>[0]>["chat"];

/** A gateway with one model on each of L0, L1 and L3, each at a provider of its own. */
function layered(chats: { free?: Chat; cheap?: Chat; strong?: Chat }, options: GatewayOptions = {}) {
  const free = fakeProvider({ name: "free", chat: chats.free });
  const cheap = fakeProvider({ name: "cheap", chat: chats.cheap });
  const strong = fakeProvider({ name: "strong", chat: chats.strong });
  const gateway = new Gateway({
    providers: { free, cheap, strong },
    models: [
      { id: "l0", provider: "free", apiModelName: "l0", layer: "L0" },
      { id: "l1", provider: "cheap", apiModelName: "l1", layer: "L1" },
      { id: "l3", provider: "strong", apiModelName: "l3", layer: "L3" },
    ],
    ...options,
    routing: { mode: "balanced", enableAutoEscalate: true, maxEscalationLayer: "L3", ...options.routing },
  });
  open.push(gateway);
  return { gateway, free, cheap, strong };
}

async function ask(gateway: Gateway, body: object = {}) {
  const response = await gateway.fetch(
    new Request("http://localhost/v1/chat/completions", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...QUESTION, ...body }),
    }),
  );
  const text = await response.text();
  return { status: response.status, headers: Object.fromEntries(response.headers), text };
}

function called(...providers: readonly FakeProvider[]): readonly number[] {
  return providers.map(({ calls }) => calls.length);
}

describe("balanced", () => {
  it("gives the cheap answer where the free model agrees", async () => {
    const { gateway, free, cheap, strong } = layered({ free: () => "\\boxed{51}", cheap: () => "The answer is 51." });
    const { headers, text } = await ask(gateway);
    expect(text).toContain("The answer is 51.");
    expect(headers).toMatchObject({
      "x-sluice-model": "l1",
      "x-sluice-cascade": "judged",
      "x-sluice-verdict": "agreement=accept",
      "x-sluice-escalated": "false",
    });
    expect(called(free, cheap, strong)).toEqual([1, 1, 0]);
  });

  it("gives the strong answer where it does not", async () => {
    const { gateway, strong } = layered({ free: () => "50", cheap: () => "52", strong: () => "51" });
    const { headers, text } = await ask(gateway);
    expect(JSON.parse(text).choices[0].message.content).toBe("51");
    expect(headers).toMatchObject({
      "x-sluice-model": "l3",
      "x-sluice-verdict": "agreement=reject",
      "x-sluice-escalated": "true",
      "x-sluice-attempts": "2",
      "x-sluice-route-reason": "escalated:L3",
    });
    expect(called(strong)).toEqual([1]);
  });

  it("takes free text as it is", async () => {
    const tale = "Once upon a time there was a number that wanted to be multiplied, and so it was, for ever and ever.";
    const { gateway, strong } = layered({
      free: () => "A different tale altogether, without any end to it.",
      cheap: () => tale,
    });
    const { headers } = await ask(gateway);
    expect(headers).toMatchObject({ "x-sluice-model": "l1", "x-sluice-verdict": "agreement=unknown" });
    expect(called(strong)).toEqual([0]);
  });

  it("escalates at once what is no answer, without waiting for the verifier", async () => {
    const held = gate();
    const { gateway, free } = layered({
      free: () => openai.stream([held, "never"]),
      cheap: () => openai.completion({ content: "", finish_reason: "length" }),
      strong: () => "51",
    });
    const { headers } = await ask(gateway);
    expect(headers).toMatchObject({ "x-sluice-model": "l3", "x-sluice-verdict": "sanity=reject" });
    await free.idle();
    expect(free.running).toBe(0);
  });

  it("does without a verifier that fails", async () => {
    const { gateway } = layered({ free: () => openai.completion({ content: "" }), cheap: () => "51" }, {});
    const { headers } = await ask(gateway);
    expect(headers).toMatchObject({ "x-sluice-model": "l1", "x-sluice-escalated": "false" });
  });

  it("keeps the doubtful answer where the strong model fails", async () => {
    const { gateway } = layered({
      free: () => "50",
      cheap: () => "52",
      strong: () => {
        throw new Error("connect ECONNREFUSED");
      },
    });
    const { status, headers } = await ask(gateway);
    expect(status).toBe(200);
    expect(headers).toMatchObject({ "x-sluice-model": "l1", "x-sluice-limited": "failed" });
  });

  it("escalates no larger share than permitted", async () => {
    const { gateway, strong } = layered(
      { free: () => "50", cheap: () => "52", strong: () => "51" },
      { routing: { maxEscalationShare: 0.1 } },
    );
    for (let call = 1; call <= 40; call++) {
      await ask(gateway);
      expect(strong.calls.length).toBeLessThanOrEqual(call * 0.1);
    }
    expect(called(strong)).toEqual([4]);
  });

  it("stops every upstream when the caller leaves", async () => {
    const held = gate();
    const { gateway, free, cheap } = layered({
      free: () => openai.stream([held, "never"]),
      cheap: () => openai.stream([held, "never"]),
    });
    const leaving = new AbortController();
    const answer = gateway.chat(QUESTION, { signal: leaving.signal });
    while (free.running + cheap.running < 2) await new Promise((resolve) => setImmediate(resolve));
    leaving.abort();
    await expect(answer).rejects.toMatchObject({ code: "client_closed_request" });
    await Promise.all([free.idle(), cheap.idle()]);
  });
});

describe("a cross-check", () => {
  it("shows both answers and what came of them", async () => {
    const { gateway } = layered(
      { free: () => "50", cheap: () => "51" },
      { routing: { mode: "off", enableAutoEscalate: false, defaultLayer: "L1", maxEscalationLayer: "L1" } },
    );
    const { text } = await ask(gateway, { sluice: { crossCheck: true } });
    expect(JSON.parse(text).sluice.crossCheck).toEqual({
      verdict: "disagree",
      answers: [
        { model: "l1", text: "51" },
        { model: "l0", text: "50" },
      ],
      escalated: false,
    });
  });

  it("shows both answers to a question of taste, and judges neither by the other", async () => {
    const { gateway, strong } = layered({ free: () => "The answer is 50.", cheap: () => "The answer is 51." });
    const poem = { messages: [{ role: "user", content: "Write a poem about numbers." }] };
    const { headers, text } = await ask(gateway, { ...poem, sluice: { crossCheck: true } });
    expect(JSON.parse(text).sluice.crossCheck).toEqual({
      verdict: "unknown",
      reason: "free text",
      answers: [
        { model: "l1", text: "The answer is 51." },
        { model: "l0", text: "The answer is 50." },
      ],
      escalated: false,
    });
    expect(headers).toMatchObject({ "x-sluice-verdict": "agreement=unknown", "x-sluice-escalated": "false" });
    expect(called(strong)).toEqual([0]);
  });

  it("stands in the usage chunk of a stream that waited for it", async () => {
    const { gateway } = layered({ free: () => "50", cheap: () => "51" }, { routing: { bufferStreams: true } });
    const { text } = await ask(gateway, { stream: true, sluice: { crossCheck: true, escalate: false } });
    const chunk = text.split("\n\n").find((event) => event.includes('"prompt_tokens"'));
    expect(JSON.parse(chunk?.slice(6) ?? "")).toMatchObject({ sluice: { crossCheck: { verdict: "disagree" } } });
  });

  it("does not know where a text arrives at no final answer", async () => {
    const tale = "Once upon a time there was a number that wanted to be multiplied, and so it was, for ever and ever.";
    const { gateway } = layered({ free: () => tale, cheap: () => tale });
    const { text } = await ask(gateway, { sluice: { crossCheck: true } });
    expect(JSON.parse(text).sluice.crossCheck).toMatchObject({
      verdict: "unknown",
      reason: "no final answer to compare",
    });
  });
});

describe("what is not judged", () => {
  it.each([
    ["stream", { stream: true }],
    ["tools", { tools: [{ type: "function", function: { name: "f" } }] }],
    ["several choices", { n: 2 }],
    ["conversation", { messages: [...QUESTION.messages, { role: "assistant", content: "51" }, QUESTION.messages[0]] }],
  ])("says that it is not, and why: %s", async (reason, body) => {
    const { gateway, free } = layered({});
    const { headers } = await ask(gateway, body);
    expect(headers).toMatchObject({ "x-sluice-cascade": "pre-route", "x-sluice-cascade-skipped": reason });
    expect(called(free)).toEqual([0]);
  });

  it("is a call with no time for two, once it is known how long the cheap model takes", async () => {
    const clock = fakeClock();
    const cheap = () => {
      clock.advance(500);
      return "51";
    };
    const { gateway, free } = layered({ free: () => "51", cheap }, { clock });
    const hurried = (totalMs: number) => ({ sluice: { timeouts: { totalMs } } });
    for (let call = 0; call < 5; call++) {
      expect((await ask(gateway, hurried(900))).headers).toMatchObject({ "x-sluice-cascade": "judged" });
    }
    expect((await ask(gateway, hurried(900))).headers).toMatchObject({ "x-sluice-cascade-skipped": "deadline" });
    expect((await ask(gateway, hurried(1_100))).headers).toMatchObject({ "x-sluice-cascade": "judged" });
    expect(called(free)).toEqual([6]);
  });

  it("is a call that may not escalate, as enough have: a check would cost and change nothing", async () => {
    const { gateway, free, cheap } = layered(
      { free: () => "50", cheap: () => "52" },
      { routing: { maxEscalationShare: 0.5 } },
    );
    expect((await ask(gateway)).headers).toMatchObject({ "x-sluice-cascade-skipped": "share" });
    expect(called(free, cheap)).toEqual([0, 1]);
    expect((await ask(gateway)).headers).toMatchObject({ "x-sluice-escalated": "true" });
  });
});

describe("economy", () => {
  it("has the sanity judge alone, as nobody gives a second answer", async () => {
    const { gateway } = layered({ cheap: () => "51" }, { routing: { mode: "economy" } });
    expect((await ask(gateway)).headers).toMatchObject({ "x-sluice-verdict": "sanity=unknown" });
  });
});

describe("streams", () => {
  it("are decided on before the call, and say so", async () => {
    const { gateway, free, cheap, strong } = layered({ cheap: () => "51" });
    const { headers, text } = await ask(gateway, { stream: true });
    expect(headers["x-sluice-cascade"]).toBe("pre-route");
    expect(text).toContain("data: [DONE]");
    expect(called(free, cheap, strong)).toEqual([0, 1, 0]);
  });

  it("begin at the highest layer where the prompt looks hard", async () => {
    const { gateway, free, cheap, strong } = layered({ strong: () => "51" });
    const content = `Prove the theorem step by step, derive the equation and implement the algorithm for a clinical patient.\n${"x = y^2; ".repeat(900)}`;
    const { headers } = await ask(gateway, { stream: true, messages: [{ role: "user", content }] });
    expect(headers).toMatchObject({ "x-sluice-model": "l3", "x-sluice-route-reason": "pre-route:L3" });
    expect(called(free, cheap, strong)).toEqual([0, 0, 1]);
  });

  it("wait for the verdict where streams are buffered", async () => {
    const { gateway } = layered({ free: () => "51", cheap: () => "51" }, { routing: { bufferStreams: true } });
    const { headers, text } = await ask(gateway, { stream: true, stream_options: { include_usage: true } });
    expect(headers).toMatchObject({
      "content-type": "text/event-stream; charset=utf-8",
      "x-sluice-cascade": "buffered",
      "x-sluice-verdict": "agreement=accept",
    });
    const events = text.split("\n\n").filter((event) => event !== "");
    expect(events.at(-1)).toBe("data: [DONE]");
    const chunks = events.slice(0, -1).map((event) => JSON.parse(event.slice("data: ".length)));
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? null)).toEqual(["51", null, null]);
    expect(chunks[1].choices[0].finish_reason).toBe("stop");
    expect(chunks[2].usage.total_tokens).toBeGreaterThan(0);
  });
});

describe("judges", () => {
  const strict: Judge = {
    name: "strict",
    alone: true,
    judge: () => ({ outcome: "reject", reason: "never good enough" }),
  };

  it("may be the application's own", async () => {
    const { gateway } = layered({ free: () => "51", cheap: () => "51", strong: () => "51" }, { judges: [strict] });
    expect((await ask(gateway)).headers).toMatchObject({ "x-sluice-verdict": "strict=reject", "x-sluice-model": "l3" });
  });

  it("have not decided when they throw", async () => {
    const broken: Judge = {
      name: "broken",
      judge: () => {
        throw new Error("out of order");
      },
    };
    const { gateway } = layered({ free: () => "51", cheap: () => "51" }, { judges: [broken] });
    expect((await ask(gateway)).headers).toMatchObject({ "x-sluice-verdict": "agreement=accept" });
  });

  it("may be a model, for what nobody else can tell", async () => {
    const tale = "Once upon a time there was a number that wanted to be multiplied, and so it was, for ever and ever.";
    const { gateway, strong } = layered(
      {
        free: () => tale,
        cheap: () => tale,
        strong: ({ body }) => (String(body).includes("ACCEPT or REJECT?") ? "REJECT: this is no number" : "51"),
      },
      { routing: { judgeModel: "l3" } },
    );
    expect((await ask(gateway)).headers).toMatchObject({
      "x-sluice-verdict": "llm-judge=reject",
      "x-sluice-model": "l3",
    });
    expect(called(strong)).toEqual([2]);
  });
});
