import { Gateway, type GatewayOptions, type Logger, silentLogger } from "@sluice/core";
import { expect, it, onTestFinished } from "vitest";

const model = (id: string, provider: string) => ({ id, provider, apiModelName: id, layer: "L0" as const });

/** A gateway that has opened, and what it has warned of. */
async function opened(options: GatewayOptions) {
  const warned: object[] = [];
  const logger: Logger = { ...silentLogger, warn: (fields) => warned.push(fields) };
  const gateway = new Gateway({ ...options, logger });
  onTestFinished(() => gateway.close());
  await gateway.ready();
  return { gateway, warned };
}

it("a configured model of a provider that nobody knows is warned of, once", async () => {
  const models = [model("one", "opnai"), model("two", "openai"), model("three", "vendor")];
  const vendor = { type: "openai-compatible", baseUrl: "http://127.0.0.1:9/v1", apiKey: "key" };
  const { gateway, warned } = await opened({ models, providers: { vendor } });
  const first = {
    model: "one",
    provider: "opnai",
    details: expect.stringMatching(/^no provider .* openai, .* vendor/),
  };
  expect(warned).toEqual([first]);
  await gateway.config.reload({ models: [...models, model("four", "ventor")], providers: { vendor } });
  expect(warned).toEqual([first, expect.objectContaining({ model: "four", provider: "ventor" })]);
});

it("one whose provider was made at run time is not", async () => {
  const { gateway, warned } = await opened({ secrets: { masterKey: "a".repeat(64) } });
  await gateway.providers.create({
    id: "vendor",
    type: "openai-compatible",
    baseUrl: "http://127.0.0.1:9/v1",
    apiKey: "key-of-the-vendor",
  });
  await gateway.config.reload({ models: [model("one", "vendor")] });
  expect(warned).toEqual([]);
});
