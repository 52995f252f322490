import type { ProviderCall } from "@sluice/core";
import { describe, expect, it } from "vitest";
import { callFor, replyFor } from "./contracts/behaviour-replies.js";
import { describeProvider, type UpstreamBehaviour } from "./contracts/index.js";
import { anthropic, fakeProvider, faults, gate, openai, recordingReceiver } from "./index.js";

describe.each(["openai", "anthropic"] as const)("in %s's dialect", (dialect) => {
  describeProvider("fake", () => {
    const behaviours: UpstreamBehaviour[] = [];
    const next = () => replyFor(behaviours.shift() ?? "answer", dialect);
    const provider = fakeProvider({ dialect, chat: next, stream: next });
    return {
      provider,
      prepare(behaviour) {
        behaviours.push(behaviour);
        return { call: callFor(behaviour), arrived: async () => {}, left: () => provider.idle() };
      },
      unreachable: () => fakeProvider({ fail: () => new Error("connect ECONNREFUSED") }),
    };
  });
});

describe("fakeProvider", () => {
  const call = (fields: object = {}): ProviderCall => ({
    operation: "chat",
    model: "m",
    stream: "stream" in fields,
    body: JSON.stringify(fields),
  });

  it("answers with text in its dialect", async () => {
    const receiver = recordingReceiver();
    fakeProvider({ chat: ({ model }) => `I am ${model}` }).send(call(), receiver);
    await receiver.ended;
    expect(JSON.parse(receiver.text)).toMatchObject({ model: "m", choices: [{ message: { content: "I am m" } }] });
    const other = recordingReceiver();
    fakeProvider({ dialect: "anthropic" }).send(call(), other);
    await other.ended;
    expect(JSON.parse(other.text)).toMatchObject({ type: "message", content: [{ text: "Hello" }] });
  });

  it("streams pieces, with usage where it was asked for", async () => {
    const halfway = gate();
    const receiver = recordingReceiver();
    const provider = fakeProvider({ stream: () => ["a", halfway, "b"] });
    provider.send(call({ stream: true, stream_options: { include_usage: true } }), receiver);
    await halfway.reached;
    expect(receiver.text).toContain('"content":"a"');
    expect(receiver.text).not.toContain('"content":"b"');
    halfway.open();
    await receiver.ended;
    expect(receiver.text).toContain('"choices":[],"usage":{');
    expect(provider.calls).toHaveLength(1);
    await provider.idle();
    expect(provider.running).toBe(0);
  });

  it("plays any reply and fails as told", async () => {
    const receiver = recordingReceiver();
    const provider = fakeProvider({ chat: () => faults.resetAfter(openai.completion(), 0), dialect: "openai" });
    provider.send(call(), receiver);
    expect(await receiver.ended).toBe("error");
    expect(receiver.log).toEqual(["start", "headers", "error"]);
    const refused = recordingReceiver();
    fakeProvider({ fail: () => new Error("no route"), chat: () => anthropic.message() }).send(call(), refused);
    expect(await refused.ended).toBe("error");
    expect(refused.log).toEqual(["error"]);
  });
});
