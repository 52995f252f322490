import { POSTGRES_MISSING, postgresServer } from "@sluice/testkit/postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunningServer } from "../src/start.js";
import { ask, modelNamed, startOn } from "./server-on.js";
import { temporaryDirectory } from "./temporary-directory.js";

const MODELS = 500;
const ids = Array.from({ length: MODELS }, (_unused, index) => `model-${index}`);

const postgres = await postgresServer(process.env.DATABASE_URL);
let database = "";
let one: RunningServer;
let other: RunningServer;

beforeAll(async () => {
  if (!postgres) return;
  database = await postgres.createDatabase();
  one = await startOn(database, temporaryDirectory());
  other = await startOn(database, temporaryDirectory());
}, 120_000);

afterAll(async () => {
  await one?.close();
  await other?.close();
  if (database) await postgres?.dropDatabase(database);
  await postgres?.close();
});

/** Milliseconds until the other server's own view of its models is as wanted. */
async function seen(isThere: (models: ReadonlyMap<string, { readonly priority: number }>) => boolean): Promise<number> {
  const began = performance.now();
  for (;;) {
    const models = new Map((await other.gateway.models.list()).map((model) => [model.id, model]));
    if (isThere(models)) return performance.now() - began;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

function percentile(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? Number.NaN;
}

describe.skipIf(!postgres)(`models changed through one server${postgres ? "" : ` (${POSTGRES_MISSING})`}`, () => {
  it("are the same at the other at once: created, updated, deleted", async () => {
    const delays: number[] = [];
    for (const id of ids) {
      expect((await ask(one, "POST", "/v1/models", modelNamed(id))).status).toBe(201);
      delays.push(await seen((models) => models.has(id)));
    }
    for (const id of ids) {
      expect((await ask(one, "PUT", `/v1/models/${id}`, { priority: 9 })).status).toBe(200);
      delays.push(await seen((models) => models.get(id)?.priority === 9));
    }
    for (const id of ids) {
      expect((await ask(one, "DELETE", `/v1/models/${id}`)).status).toBe(200);
      delays.push(await seen((models) => !models.has(id)));
    }
    const [half, most] = [percentile(delays, 0.5), percentile(delays, 0.99)];
    process.stdout.write(`seen after ${half.toFixed(1)} ms (median), ${most.toFixed(1)} ms (p99)\n`);
    expect(most).toBeLessThan(1_000); // promised are 100; the machine may be busy
  });

  it("arrive although the connections that listen are cut again and again", async () => {
    const cutting = setInterval(() => {
      const listening = "select pg_terminate_backend(pid) from pg_stat_activity where query like 'select name%'";
      postgres?.query(listening).catch(() => {}); // it may be cut itself
    }, 300);
    const delays: number[] = [];
    for (const id of ids.slice(0, 50)) {
      expect((await ask(one, "POST", "/v1/models", modelNamed(id))).status).toBe(201);
      delays.push(await seen((models) => models.has(id)));
    }
    clearInterval(cutting);
    process.stdout.write(`seen after at most ${Math.max(...delays).toFixed(1)} ms with LISTEN cut\n`);
    expect(Math.max(...delays)).toBeLessThan(25_000); // promised are 2,500
  });

  it("lose no update of two servers that change one model at once", async () => {
    expect((await ask(one, "POST", "/v1/models", modelNamed("shared"))).status).toBe(201);
    await seen((models) => models.has("shared"));
    const change = (server: RunningServer, body: object) => ask(server, "PUT", "/v1/models/shared", body);
    for (let round = 1; round <= 50; round++) {
      await Promise.all([change(one, { priority: round }), change(other, { relativeCost: round })]);
      const { body } = await change(one, {});
      expect(body).toMatchObject({ priority: round, relativeCost: round });
    }
  });
});
