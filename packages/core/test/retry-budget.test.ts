import { Gateway } from "@sluice/core";
import { error, type FakeProvider, fakeClock, fakeProvider } from "@sluice/testkit";
import { describe, expect, it } from "vitest";

describe("an outage", () => {
  const ASK = { messages: [{ role: "user" as const, content: "Hello!" }] };
  const CALLS = 1_000;

  /** A gateway in whose time nothing waits. */
  function gatewayOver(providers: readonly FakeProvider[], attempts = 5): Gateway {
    return new Gateway({
      providers: Object.fromEntries(providers.map((provider) => [provider.name, provider])),
      models: providers.flatMap(({ name }, index) =>
        ["one", "two"].map((model) => ({
          id: `${name}-${model}`,
          provider: name,
          apiModelName: model,
          layer: "L0" as const,
          priority: index,
        })),
      ),
      routing: { attempts },
      clock: Object.assign(fakeClock(), { random: () => 0 }),
    });
  }

  function broken(name: string): FakeProvider {
    return fakeProvider({ name, chat: () => error(500, { error: { message: "down" } }) });
  }

  it("brings an upstream at most a fifth more calls than it has requests, whatever `attempts` allows", async () => {
    const down = broken("down");
    const gateway = gatewayOver([down]);
    const outcomes = await Promise.allSettled(Array.from({ length: CALLS }, () => gateway.chat(ASK)));
    expect(outcomes.filter(({ status }) => status === "rejected")).toHaveLength(CALLS);
    expect(down.calls.length).toBeGreaterThan(CALLS);
    expect(down.calls.length).toBeLessThanOrEqual(CALLS * 1.2);
    await gateway.close();
  });

  it("sends every request to another upstream nevertheless", async () => {
    const [down, up] = [broken("down"), fakeProvider({ name: "up" })];
    const gateway = gatewayOver([down, up]);
    const answers = await Promise.all(Array.from({ length: CALLS }, () => gateway.chat(ASK)));
    expect(answers).toHaveLength(CALLS);
    expect(up.calls).toHaveLength(CALLS);
    expect(down.calls.length).toBeLessThanOrEqual(CALLS * 1.2);
    await gateway.close();
  });

  it("lets a few calls be repeated as often as they may", async () => {
    const down = broken("down");
    const gateway = gatewayOver([down], 4);
    await expect(gateway.chat(ASK)).rejects.toMatchObject({ code: "upstream_failed" });
    expect(down.calls).toHaveLength(4);
    await gateway.close();
  });

  it("is no matter of a model that is not there, after which the next of the same upstream is asked", async () => {
    const half = fakeProvider({
      name: "half",
      chat: ({ model }) => (model === "one" ? error(404, { error: { message: "no such model" } }) : "Hello"),
    });
    const gateway = gatewayOver([half]);
    const answers = await Promise.all(Array.from({ length: CALLS }, () => gateway.chat(ASK)));
    expect(answers).toHaveLength(CALLS);
    await gateway.close();
  });
});
