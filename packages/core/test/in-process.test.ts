import { type ChatInput, Gateway, type GatewayOptions } from "@sluice/core";
import { fakeProvider } from "@sluice/testkit";
import { afterEach, describe, expect, it } from "vitest";

const HI = { messages: [{ role: "user" as const, content: "Hi" }] };

const open: Gateway[] = [];

afterEach(() => Promise.all(open.splice(0).map((gateway) => gateway.close())));

function gateway() {
  const vendor = fakeProvider({ name: "vendor" });
  const models = [{ id: "one", provider: "vendor", apiModelName: "one", layer: "L0" as const }];
  const made = new Gateway({ providers: { vendor }, models });
  open.push(made);
  return { made, vendor };
}

describe("new Gateway", () => {
  it.each<[unknown, string]>([
    [null, "expected an object"],
    [7, "expected an object"],
    [{ models: [{ id: "a" }] }, "models.0.provider: is required (a string)"],
    [{ limits: { perIp: { limit: -1 } } }, "limits.perIp.limit: must be greater than 0"],
    [{ loglevel: "info" }, "loglevel is not an option"],
  ])("refuses %j and says why", (options, why) => {
    expect(() => new Gateway(options as GatewayOptions)).toThrow(new TypeError(`Gateway options: ${why}`));
  });
});

describe("chat", () => {
  it("refuses what JSON cannot say", async () => {
    const refused = { code: "invalid_request", details: expect.stringContaining("BigInt") };
    await expect(gateway().made.chat({ ...HI, seed: 5, top: 5n } as ChatInput)).rejects.toMatchObject(refused);
  });

  it("says that the gateway is closed", async () => {
    const { made } = gateway();
    await made.chat(HI);
    await made.close();
    await expect(made.chat(HI)).rejects.toMatchObject({ code: "draining" });
    await expect(made.stream(HI).next()).rejects.toMatchObject({ code: "draining" });
  });
});

describe("fetch", () => {
  const asked = (body: BodyInit) =>
    new Request("http://localhost/v1/chat/completions", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
      duplex: "half",
    });

  it("does not take a body that breaks off for a fault of its own", async () => {
    const broken = new ReadableStream({ pull: (controller) => controller.error(new Error("gone")) });
    expect((await gateway().made.fetch(asked(broken))).status).toBe(499);
  });

  it("says so where somebody else has read the body", async () => {
    const request = asked(JSON.stringify(HI));
    await request.text();
    const response = await gateway().made.fetch(request);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ details: expect.stringContaining("has read the body") });
  });

  it("passes a seed of 64 bits on as it is", async () => {
    const { made, vendor } = gateway();
    const text = '{"messages":[{"role":"user","content":"Hi"}],"seed":9223372036854775807}';
    expect((await made.fetch(asked(text))).status).toBe(200);
    expect(String(vendor.calls[0]?.body)).toContain('"seed":9223372036854775807');
  });
});
