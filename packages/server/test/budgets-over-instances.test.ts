import { createHmac } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import {
  gate,
  hasRedis,
  openai,
  type RedisServer,
  redisServer,
  type ScriptedUpstream,
  scriptedUpstream,
} from "@sluice/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runServer, type ServerProcess } from "./run-server.js";
import { temporaryDirectory } from "./temporary-directory.js";

const SECRET = "a secret of the test, long enough";
const USAGE = { prompt_tokens: 10, completion_tokens: 50, total_tokens: 60 };

describe.skipIf(!hasRedis())(`three servers with one budget${hasRedis() ? "" : " (needs redis-server)"}`, () => {
  let redis: RedisServer;
  let upstream: ScriptedUpstream;
  let servers: readonly ServerProcess[];
  let hook: Server;
  /** Ids of the alerts that came, whose signature was right. */
  const told: string[] = [];

  beforeAll(async () => {
    redis = await redisServer();
    hook = createServer(async (incoming, outgoing) => {
      const body = (await incoming.toArray()).join("");
      const [, seconds, signature] = /^t=(\d+),v1=(\w+)$/.exec(String(incoming.headers["x-sluice-signature"])) ?? [];
      const expected = createHmac("sha256", SECRET).update(`${seconds}.${body}`).digest("hex");
      if (signature === expected) told.push(JSON.parse(body).alert.id);
      outgoing.end();
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => hook.once("listening", resolve));
    upstream = await scriptedUpstream();
    servers = await Promise.all([1, 2, 3].map(() => started()));
  }, 60_000);

  afterAll(async () => {
    await Promise.all(servers.map((server) => server.kill()));
    hook.close();
    await upstream.close();
    await redis.close();
  });

  /** A server with a store of its own: only Redis knows what all of them spend. */
  function started(): Promise<ServerProcess> {
    const directory = temporaryDirectory();
    const config = {
      redis: redis.url,
      instances: 3,
      providers: { vendor: { type: "openai-compatible", baseUrl: `${upstream.url}/v1` } },
      // 100 tokens of answer cost 10 cents at most.
      models: [
        { id: "m", provider: "vendor", apiModelName: "m", layer: "L0", price: { inputPerMTok: 0, outputPerMTok: 1e3 } },
      ],
      limits: { perIp: null },
      cost: {
        budgets: [{ id: "all", scope: "global", window: "month", limitUsd: 0.7 }],
        costAlertThreshold: 0.3,
        alertWebhook: { url: `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`, secret: SECRET },
      },
    };
    writeFileSync(join(directory, "sluice.config.json"), JSON.stringify(config));
    return runServer({}, directory);
  }

  async function ask(server: number): Promise<number> {
    const body = JSON.stringify({ model: "m", max_tokens: 100, messages: [{ role: "user", content: "Hello!" }] });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${servers[server % 3]?.url}/v1/chat/completions`, { method: "POST", headers, body });
    await answer.text();
    return answer.status;
  }

  async function get(server: number, path: string): Promise<unknown> {
    return (await fetch(`${servers[server]?.url}${path}`)).json();
  }

  it("admit as many calls at once as it can pay for, and no other; one alert for all of them", async () => {
    const hold = gate();
    upstream.respond(async () => {
      await hold.opened;
      return openai.completion({ usage: USAGE });
    });
    let refused = 0;
    const statuses = Promise.all(
      Array.from({ length: 30 }, async (_none, index) => {
        const status = await ask(index);
        if (status === 402 && ++refused === 23) hold.open();
        return status;
      }),
    );
    const all = await statuses;
    expect(all.filter((status) => status === 200)).toHaveLength(7);
    expect(all.filter((status) => status === 402)).toHaveLength(23);
    for (const server of [0, 1, 2]) {
      await expect.poll(() => get(server, "/v1/budgets")).toMatchObject({ data: [{ id: "all", usedUsd: 0.35 }] });
    }
    // The threshold is that of all three: none of them has spent 30 cents itself.
    const day = new Date().toISOString().slice(0, 10);
    const expected = [`all|global:|${day.slice(0, 7)}`, `threshold|${day}`];
    await expect.poll(() => [...told].sort(), { timeout: 10_000 }).toEqual(expected);
    const lists = await Promise.all([0, 1, 2].map((server) => get(server, "/v1/alerts")));
    const listed = lists.flatMap((list) => (list as { data: { id: string }[] }).data.map(({ id }) => id));
    expect([...new Set(listed)].sort()).toEqual(expected);
  }, 60_000);

  it("say in their health when each counts for itself, and go on answering", async () => {
    upstream.respond(() => openai.completion({ usage: USAGE }));
    expect(told).toHaveLength(2); // and none has come again meanwhile
    await redis.stop();
    expect(await get(0, "/health")).toMatchObject({
      status: "degraded",
      redis: false,
      budgets: expect.stringMatching(/each instance/),
    });
    expect(await Promise.all([ask(0), ask(1), ask(2)])).toEqual([200, 200, 200]); // 5 cents each of 35 that were left
    await redis.start();
    await expect.poll(() => get(0, "/health"), { timeout: 20_000 }).not.toHaveProperty("budgets");
    for (const server of [0, 1, 2]) {
      await expect
        .poll(
          async () => {
            await ask(server).catch(() => 0); // whoever asks finds Redis back
            return get(server, "/health");
          },
          { timeout: 20_000, interval: 500 },
        )
        .not.toHaveProperty("budgets");
    }
  }, 60_000);
});
