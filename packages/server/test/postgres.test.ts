import { POSTGRES_MISSING, postgresServer } from "@sluice/testkit/postgres";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RunningServer } from "../src/start.js";
import { ask, startOn } from "./server-on.js";
import { temporaryDirectory } from "./temporary-directory.js";

const postgres = await postgresServer(process.env.DATABASE_URL);
const running: RunningServer[] = [];
let database = "";

beforeAll(async () => {
  if (postgres) database = await postgres.createDatabase();
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

afterAll(async () => {
  if (database) await postgres?.dropDatabase(database);
  await postgres?.close();
});

async function start(url: string): Promise<RunningServer> {
  const server = await startOn(url, temporaryDirectory());
  running.push(server);
  return server;
}

describe.skipIf(!postgres)(`two servers on one Postgres${postgres ? "" : ` (${POSTGRES_MISSING})`}`, () => {
  it("show each other's models", async () => {
    const [one, other] = [await start(database), await start(database)];
    const model = { id: "mine", provider: "openrouter", apiModelName: "some/model", layer: "L2" };
    expect((await ask(one, "POST", "/v1/models", model)).status).toBe(201);
    await expect.poll(async () => (await ask(other, "GET", "/v1/models/mine")).status).toBe(200);

    expect((await ask(other, "PUT", "/v1/models/mine", { priority: 7 })).body).toMatchObject({ priority: 7 });
    await expect.poll(async () => (await ask(one, "GET", "/v1/models/mine")).body).toMatchObject({ priority: 7 });
    expect((await ask(other, "POST", "/v1/models", model)).status).toBe(409);

    expect((await ask(one, "DELETE", "/v1/models/mine")).status).toBe(200);
    await expect.poll(async () => (await ask(other, "GET", "/v1/models/mine")).status).toBe(404);
    for (const server of [one, other]) {
      expect((await ask(server, "GET", "/health")).body).toMatchObject({ status: "ok", database: true });
    }
    expect(one.banner).toContain("Data: Postgres");
  });
});
