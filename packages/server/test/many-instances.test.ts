import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import {
  hasRedis,
  openai,
  type RedisServer,
  redisServer,
  type ScriptedUpstream,
  scriptedUpstream,
} from "@sluice/testkit";
import { POSTGRES_MISSING, postgresServer } from "@sluice/testkit/postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DocumentedNginx, documentedNginx, hasNginx, PUBLIC_HOST, whole } from "./documented-nginx.js";
import { runServer, type ServerProcess } from "./run-server.js";
import { temporaryDirectory } from "./temporary-directory.js";

const DEPLOY = fileURLToPath(new URL("../../../docs/deploy/", import.meta.url));
const COMPOSE = readFileSync(`${DEPLOY}compose.yaml`, "utf8");
const SECRETS: Readonly<Record<string, string>> = {
  PUBLIC_HOST,
  POSTGRES_PASSWORD: "unused-here",
  JWT_SECRET: "fd938441847bc5050324610220b262bbae13d45ec87d2e97083c0d870cb63936",
  MASTER_KEY: "0c4e7a2f19d8b653e1a70f94c6d2385b7be96403f5a1d8270c9e4b16a38f5d72",
  ADMIN_PASSWORD: "correct horse battery",
  OPENAI_API_KEY: "key-of-openai",
};
const FROM = "127.0.0.10";
const PAUSE_MS = 20;
/** A little more than `fail_timeout`. */
const PASSED_OVER_MS = 2_500;
const ASK = { messages: [{ role: "user", content: "Hello!" }] };

/** What the file gives each gateway, secrets filled in. */
function documentedEnvironment(): Record<string, string> {
  const block = /^x-environment: &environment\n((?: {2}\w+: .*\n)+)/m.exec(COMPOSE)?.[1] ?? "";
  const lines = block.trim().split("\n");
  return Object.fromEntries(
    lines.map((line) => {
      const [, name = "", value = ""] = /^ *(\w+): (.*)$/.exec(line) ?? [];
      const plain = value.replace(/^"(.*)"$/, "$1");
      return [name, plain.replace(/\$\{(\w+):[?-]\}/g, (_all, secret: string) => SECRETS[secret] ?? "")];
    }),
  );
}

/** The services of the file, with what stands below each. */
function services(): ReadonlyMap<string, string> {
  const all = /^services:\n((?:(?: .*)?\n)+)/m.exec(COMPOSE)?.[1] ?? "";
  return new Map(
    [...all.matchAll(/^ {2}([\w-]+):\n((?:(?: {3,}.*)?\n)*)/gm)].map(([, name = "", body = ""]) => [name, body]),
  );
}

describe("the documented files", () => {
  it("agree on who is called what", () => {
    const names = [...services().keys()];
    expect(names).toEqual(["nginx", "gateway-1", "gateway-2", "postgres", "redis"]);
    const upstreams = [...readFileSync(`${DEPLOY}nginx.conf`, "utf8").matchAll(/^ *server ([\w-]+):3000\b/gm)];
    expect(upstreams.map(([, name]) => name)).toEqual(names.filter((name) => name.startsWith("gateway-")));
    const { DATABASE_URL = "", REDIS_URL = "", SLUICE_INSTANCES } = documentedEnvironment();
    expect([new URL(DATABASE_URL).hostname, new URL(REDIS_URL).hostname]).toEqual(["postgres", "redis"]);
    const postgres = services().get("postgres") ?? "";
    expect(postgres).toContain(`POSTGRES_USER: ${new URL(DATABASE_URL).username}`);
    expect(postgres).toContain(`POSTGRES_DB: ${new URL(DATABASE_URL).pathname.slice(1)}`);
    expect(SLUICE_INSTANCES).toBe(String(upstreams.length));
  });

  it("give each gateway a data directory of its own, and nobody but nginx a port", () => {
    for (const [name, body] of services()) {
      if (name.startsWith("gateway-")) expect(body).toContain(`["${name}:/data"]`);
      expect([name, body.includes("ports:")]).toEqual([name, name === "nginx"]);
    }
    expect(readFileSync(`${DEPLOY}Dockerfile`, "utf8")).toMatch(/DATA_DIR=\/data\n(?:.*\n)*EXPOSE 3000/);
  });
});

const postgres = hasNginx() && hasRedis() ? await postgresServer(process.env.DATABASE_URL) : null;
const missing = hasNginx() && hasRedis() ? POSTGRES_MISSING : "needs nginx and redis-server";

describe.skipIf(!postgres)(`the documented deployment${postgres ? "" : ` (${missing})`}`, () => {
  let database: string;
  let redis: RedisServer;
  let upstream: ScriptedUpstream;
  let environment: Record<string, string>;
  const gateways: (ServerProcess & { readonly directory: string })[] = [];
  let nginx: DocumentedNginx;
  let admin: Record<string, string>;

  beforeAll(async () => {
    database = (await postgres?.createDatabase()) ?? "";
    redis = await redisServer();
    upstream = await scriptedUpstream();
    upstream.always(openai.completion());
    environment = {
      ...documentedEnvironment(),
      DATABASE_URL: database,
      REDIS_URL: redis.url,
      HOST: "127.0.0.1",
      OPENAI_BASE_URL: `${upstream.url}/v1`,
      DEFAULT_LAYER: "L1",
      SLUICE_LIMITS_PER_IP: "null", // callers come from few addresses here
    };
    for (const _ of [1, 2]) {
      const directory = temporaryDirectory();
      gateways.push({ ...(await runServer(environment, directory)), directory });
    }
    nginx = await documentedNginx(gateways);
    const credentials = { username: "admin", password: SECRETS.ADMIN_PASSWORD };
    const { body } = await whole(nginx.port, { from: FROM, path: "/v1/auth/login", body: credentials });
    admin = { authorization: `Bearer ${(body as { token: string }).token}` };
  }, 120_000);

  afterAll(async () => {
    await nginx?.close();
    await Promise.all(gateways.map((gateway) => gateway.kill()));
    await upstream?.close();
    await redis?.close();
    await postgres?.dropDatabase(database);
    await postgres?.close();
  });

  /** A key, made by whichever gateway gets to do it, once all of them have heard of it. */
  async function key(limits: object): Promise<Record<string, string>> {
    const made = await whole(nginx.port, { from: FROM, path: "/v1/keys", headers: admin, body: { limits } });
    expect(made.status).toBe(201);
    const { key, secret } = made.body as { key: { id: string }; secret: string };
    for (const { url } of gateways) {
      const path = `/v1/keys/${key.id}`;
      const known = async () => (await whole(Number(new URL(url).port), { from: FROM, path, headers: admin })).status;
      await expect.poll(known, { timeout: 10_000 }).toBe(200);
    }
    return { authorization: `Bearer ${secret}` };
  }

  it("has its database and its Redis, and keeps no secret nobody asked it to keep", async () => {
    const { body } = await whole(nginx.port, { from: FROM, path: "/health", headers: admin });
    expect(body).toMatchObject({ status: "ok", database: true, redis: true });
    expect(await whole(nginx.port, { from: FROM, chat: ASK })).toMatchObject({ status: 401 });
  });

  it("takes a key at every gateway, and counts it over all of them", async () => {
    const headers = await key({ requests: 20, windowSeconds: 3_600 });
    const chats = await Promise.all(
      Array.from({ length: 40 }, () => whole(nginx.port, { from: FROM, headers, chat: ASK })),
    );
    expect(chats.filter(({ status }) => status === 200)).toHaveLength(20);
    expect(chats.filter(({ status }) => status === 429)).toHaveLength(20);
  });

  it("goes on while one gateway after the other is replaced", async () => {
    const headers = await key({ requests: null });
    const statuses: number[] = [];
    let over = false;
    const caller = async (index: number) => {
      while (!over) {
        const sent = { from: `127.0.0.${20 + index}`, headers, chat: ASK };
        await sleep(PAUSE_MS);
        statuses.push(
          await whole(nginx.port, sent).then(
            ({ status }) => status,
            () => 0,
          ),
        );
      }
    };
    const callers = [0, 1, 2, 3].map(caller);
    for (const [index, gateway] of [...gateways.entries()]) {
      gateway.child.kill("SIGTERM");
      const [code] = await once(gateway.child, "exit");
      expect(code).toBe(0);
      const { port } = new URL(gateway.url);
      gateways[index] = { ...(await runServer(environment, gateway.directory, port)), directory: gateway.directory };
      await sleep(PASSED_OVER_MS); // nginx tells nobody when it comes back to a server
    }
    over = true;
    await Promise.all(callers);
    const answered = statuses.filter((status) => status === 200).length;
    // The system resets what it has accepted for a listener that closes; nothing of that has reached the gateway.
    expect(statuses.length - answered, nginx.log()).toBeLessThanOrEqual(gateways.length);
    expect(answered).toBeGreaterThan(100);
    const used = async () => {
      const { body } = await whole(nginx.port, { from: FROM, path: "/v1/usage?groupBy=key", headers: admin });
      const { data } = body as { data: { requests: number }[] };
      return data.map(({ requests }) => requests);
    };
    await expect.poll(used, { timeout: 20_000 }).toContain(answered);
  }, 120_000);
});
