import { hasRedis, type RedisServer, redisServer } from "@sluice/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runServer, type ServerProcess } from "./run-server.js";

describe.skipIf(!hasRedis())(`three servers on one Redis${hasRedis() ? "" : " (needs redis-server)"}`, () => {
  let redis: RedisServer;
  let servers: readonly ServerProcess[];

  beforeAll(async () => {
    redis = await redisServer();
    servers = await Promise.all([1, 2, 3].map(() => runServer({ REDIS_URL: redis.url, SLUICE_INSTANCES: "3" })));
    for (const { url } of servers) await (await fetch(`${url}/health`)).text();
  }, 60_000);

  afterAll(async () => {
    await Promise.all(servers.map((server) => server.kill()));
    await redis.close();
  });

  it("admit exactly 100 of 1,000 requests that come at once", async () => {
    const statuses = await Promise.all(
      Array.from({ length: 1_000 }, async (_, index) => {
        const response = await fetch(`${servers[index % 3]?.url}/v1/models`);
        await response.text();
        return response.status;
      }),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(100);
    expect(statuses.filter((status) => status === 429)).toHaveLength(900);
  }, 60_000);
});
