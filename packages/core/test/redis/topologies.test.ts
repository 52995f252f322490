import { Gateway, silentLogger, systemClock } from "@sluice/core";
import { redisLimiter } from "@sluice/core/limits/redis";
import { type RedisSpendCounters, redisSpendCounters } from "@sluice/core/usage/redis";
import { freePort, hasRedis, type RedisServer, redisServer } from "@sluice/testkit";
import { afterEach, describe, expect, it } from "vitest";
import { redisClient } from "../../src/redis/connect.js";
import { RedisChannel } from "../../src/redis/redis-channel.js";
import { RedisLink } from "../../src/redis/redis-link.js";

const RULE = { limit: 100, windowMs: 60_000 };
const SLOTS = 16_384;

describe.skipIf(!hasRedis())(`Redis as${hasRedis() ? "" : " (needs redis-server)"}`, () => {
  const servers: RedisServer[] = [];

  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });

  async function started(options: readonly string[] = []): Promise<RedisServer> {
    const server = await redisServer(options);
    servers.push(server);
    return server;
  }

  async function cluster(): Promise<readonly RedisServer[]> {
    const nodes = [];
    for (let index = 0; index < 3; index++) {
      const busPort = String(await freePort());
      nodes.push(await started(["cluster-enabled yes", `cluster-port ${busPort}`]));
    }
    await joined(nodes);
    return nodes;
  }

  it("a cluster of three nodes counts exactly, whichever node a caller's window is on", async () => {
    const nodes = await cluster();
    const limiter = redisLimiter({ redis: { cluster: [nodes[0]?.url ?? ""] } });
    await limiter.open();
    for (const key of ["ip:a", "ip:b", "ip:c", "ip:d", "ip:e"]) {
      const verdicts = await Promise.all(Array.from({ length: 150 }, () => limiter.take(key, RULE)));
      expect(verdicts.filter(({ admitted }) => admitted)).toHaveLength(100);
    }
    const sizes = await Promise.all(nodes.map((node) => node.command("DBSIZE")));
    expect(sizes.filter((size) => !size.startsWith(":0")).length).toBeGreaterThan(1);
    limiter.close();
    const redis = { cluster: [nodes[0]?.url ?? ""] };
    const who = await Promise.all([1, 2].map(() => openedCounters({ redis })));
    expect(await grants(who, 50)).toBe(20);
    await Promise.all(who.map((counters) => counters.close()));
  });

  it("a cluster carries what instances tell each other, whichever node they are on", async () => {
    const nodes = await cluster();
    const made = nodes.slice(0, 2).map(({ url }) => {
      const config = { redis: { cluster: [url] } };
      const link = new RedisLink({
        connect: () => redisClient(config.redis),
        clock: systemClock(),
        logger: silentLogger,
      });
      const connect = () => redisClient(config.redis);
      return { link, channel: new RedisChannel({ connect, link, clock: systemClock(), logger: silentLogger }) };
    });
    for (const { link, channel } of made) {
      channel.open();
      await link.open();
    }
    const heard = new Set<string>();
    for (const [index, { channel }] of made.entries()) channel.listen((text) => heard.add(`${index} ${text}`));
    await expect
      .poll(
        () => {
          for (const [index, { channel }] of made.entries()) channel.say(`from ${index}`); // until all of them listen
          return [...heard].sort();
        },
        { timeout: 10_000 },
      )
      .toEqual(["0 from 0", "0 from 1", "1 from 0", "1 from 1"]);
    for (const { link, channel } of made) {
      channel.close();
      link.close();
    }
  });

  it.each(["a cluster", "sentinels"])("%s that carries calls to the terminals of another instance", async (kind) => {
    const redis = kind === "a cluster" ? { cluster: (await cluster()).map(({ url }) => url) } : await watched();
    const instances = [1, 2].map(
      () =>
        new Gateway({
          redis,
          mode: "production",
          auth: { jwtSecret: "an adequately long secret that instances share" },
          terminal: { mode: "authenticated", env: { HOME: "/" } },
          identify: () => ({ id: "anna", role: "operator" }),
        }),
    );
    const [here, there] = instances as [Gateway, Gateway]; // just made
    const call = async (gateway: Gateway, method: string, path: string, body?: object) => {
      const headers = { "content-type": "application/json" };
      const init = { method, ...(body ? { headers, body: JSON.stringify(body) } : {}) };
      const response = await gateway.fetch(new Request(`http://gateway.test/v1/terminal/${path}`, init));
      return { status: response.status, body: await response.json() };
    };
    await Promise.all(instances.map((gateway) => gateway.ready()));
    await call(here, "GET", "sessions"); // begins to listen
    const { session } = (await call(there, "POST", "sessions", { type: "local" })).body as { session: { id: string } };
    const command = "yes ä | head -c 300000; exit 3";
    const { body } = await call(here, "POST", `${session.id}/execute`, { command });
    expect(body).toEqual({ result: { stdout: "ä\n".repeat(100_000), stderr: "", exitCode: 3 } });
    expect((await call(here, "GET", "sessions")).body).toEqual({ sessions: [session] });
    expect((await call(here, "DELETE", session.id)).status).toBe(200);
    expect((await call(there, "GET", session.id)).status).toBe(404);
    await Promise.all(instances.map((gateway) => gateway.close()));
  });

  /** One server, and a sentinel that names it. */
  async function watched() {
    const main = await started();
    const sentinel = await started([`sentinel monitor mymaster 127.0.0.1 ${main.port} 1`]);
    return { sentinels: [sentinel.url], name: "mymaster" };
  }

  it("whichever server the sentinels name, also after that one is gone", async () => {
    const main = await started();
    const replica = await started([`replicaof 127.0.0.1 ${main.port}`]);
    await expect.poll(() => replica.command("INFO", "replication"), { timeout: 10_000 }).toContain("link_status:up");
    const sentinel = await started([
      `sentinel monitor mymaster 127.0.0.1 ${main.port} 1`,
      "sentinel down-after-milliseconds mymaster 500",
      "sentinel failover-timeout mymaster 2000",
    ]);
    const limiter = redisLimiter({ redis: { sentinels: [sentinel.url], name: "mymaster" } });
    await limiter.open();
    await limiter.take("ip:a", RULE);
    expect(await main.command("DBSIZE")).toMatch(/^:1/);
    const counters = await openedCounters({ redis: { sentinels: [sentinel.url], name: "mymaster" } });
    expect(await grants([counters], 25)).toBe(20);
    await expect
      .poll(() => sentinel.command("SENTINEL", "REPLICAS", "mymaster"), { timeout: 15_000 })
      .toContain(String(replica.port));
    await main.stop();
    await expect
      .poll(
        async () => {
          expect((await limiter.take(`ip:${Math.random()}`, RULE)).admitted).toBe(true); // whoever counts meanwhile
          const role = await replica.command("ROLE");
          return role.includes("master") && (await replica.command("DBSIZE")).match(/^:([2-9]|\d\d)/) !== null;
        },
        { timeout: 30_000, interval: 100 },
      )
      .toBe(true);
    limiter.close();
    expect(await grants([counters], 5)).toBe(0); // whoever counts
    await expect.poll(() => replica.command("HGET", COUNTER_KEY, "used"), { timeout: 10_000 }).toContain("100");
    await counters.close();
  }, 60_000);
});

const COUNTER_KEY = "sluice:spend:{all}:counter:day";

async function openedCounters(options: Parameters<typeof redisSpendCounters>[0]): Promise<RedisSpendCounters> {
  const counters = redisSpendCounters(options);
  await counters.open();
  return counters;
}

/** How many of so many reservations at once are granted where there is room for twenty, on two counters. */
async function grants(who: readonly RedisSpendCounters[], tries: number): Promise<number> {
  const claims = ["day", "month"].map((counter) => ({ counter, limit: 100n, keepMs: 60_000 }));
  const reserve = async (index: number) => who[index % who.length]?.reserve({ claims, amount: 5n });
  const outcomes = await Promise.all(Array.from({ length: tries }, (_none, index) => reserve(index)));
  return outcomes.filter((outcome) => outcome === null).length;
}

/** Gives each node its part of the slots and makes them one cluster. */
async function joined(nodes: readonly RedisServer[]): Promise<void> {
  const [first, ...others] = nodes;
  if (!first) return;
  const share = Math.ceil(SLOTS / nodes.length);
  for (const [index, node] of nodes.entries()) {
    const last = Math.min(SLOTS, (index + 1) * share) - 1;
    await node.command("CLUSTER", "ADDSLOTSRANGE", String(index * share), String(last));
  }
  const busOf = async (node: RedisServer) =>
    /cluster-port\r\n\$\d+\r\n(\d+)/.exec(await node.command("CONFIG", "GET", "cluster-port"))?.[1];
  for (const node of others) {
    await first.command("CLUSTER", "MEET", "127.0.0.1", String(node.port), (await busOf(node)) ?? "");
  }
  for (const node of nodes) {
    await expect.poll(() => node.command("CLUSTER", "INFO"), { timeout: 15_000 }).toContain("cluster_state:ok");
  }
}
