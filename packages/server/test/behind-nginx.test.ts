import { once } from "node:events";
import { gate, openai, type ScriptedUpstream, scriptedUpstream } from "@sluice/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, type DocumentedNginx, documentedNginx, hasNginx } from "./documented-nginx.js";
import { runServer, type ServerProcess } from "./run-server.js";

describe.skipIf(!hasNginx())(`the documented nginx${hasNginx() ? "" : " (needs nginx)"}`, () => {
  let upstream: ScriptedUpstream;
  let gateways: readonly ServerProcess[];
  let nginx: DocumentedNginx;
  let port: number;

  beforeAll(async () => {
    upstream = await scriptedUpstream();
    const environment = {
      OPENAI_API_KEY: "k",
      OPENAI_BASE_URL: `${upstream.url}/v1`,
      DEFAULT_LAYER: "L1",
      SLUICE_TRUST_PROXY: "1",
      SLUICE_PUBLIC_HOSTS: "gateway.example",
      SLUICE_LIMITS_PER_IP_LIMIT: "8",
    };
    gateways = await Promise.all([runServer(environment), runServer(environment)]);
    nginx = await documentedNginx(gateways);
    port = nginx.port;
  }, 60_000);

  afterAll(async () => {
    await nginx.close();
    await Promise.all(gateways.map((gateway) => gateway.kill()));
    await upstream.close();
  });

  it("passes streams on as they come", async () => {
    const door = gate();
    upstream.enqueue(openai.stream(["first", door, "second"]));
    const incoming = await call(port, { from: "127.0.0.5", chat: { stream: true, messages: HELLO } });
    expect(incoming.statusCode).toBe(200);
    let text = "";
    incoming.on("data", (data) => {
      text += data;
    });
    await expect.poll(() => text).toContain("first");
    expect(text).not.toContain("second");
    door.open();
    await once(incoming, "end");
    expect(text).toContain("second");
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  });

  it("tells callers apart, whatever they say of themselves", async () => {
    const statuses = async (from: string, forged: (index: number) => string) => {
      const found: (number | undefined)[] = [];
      for (let index = 0; index < 20; index++) {
        const incoming = await call(port, { from, headers: { "x-forwarded-for": forged(index) } });
        incoming.resume();
        await once(incoming, "end");
        found.push(incoming.statusCode);
      }
      return found;
    };
    // Two gateways that do not know of each other admit 8 each.
    const one = await statuses("127.0.0.6", (index) => `203.0.113.${index}`);
    expect(one.filter((status) => status === 200)).toHaveLength(16);
    const other = await statuses("127.0.0.7", () => "127.0.0.6");
    expect(other.filter((status) => status === 200)).toHaveLength(16);
  });

  it("goes on with the other gateway when one is killed", async () => {
    await gateways[0]?.kill();
    for (let count = 0; count < 4; count++) {
      const incoming = await call(port, { from: "127.0.0.8" });
      incoming.resume();
      expect(incoming.statusCode).toBe(200);
    }
  });
});

const HELLO = [{ role: "user", content: "Hello!" }];
