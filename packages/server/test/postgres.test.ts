import { POSTGRES_MISSING, postgresServer } from "@sluice/testkit/postgres";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { loadConfigFrom } from "../src/config/load.js";
import { type RunningServer, startServer } from "../src/start.js";
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
  const environment = { DATABASE_URL: url, PORT: "0", LOG_LEVEL: "silent", DATA_DIR: temporaryDirectory() };
  const server = await startServer(loadConfigFrom({ flags: {}, environment, directory: environment.DATA_DIR }));
  running.push(server);
  return server;
}

async function call(server: RunningServer, method: string, path: string, body?: object) {
  const response = await fetch(`${server.url}${path}`, {
    method,
    ...(body ? { headers: { "content-type": "application/json" }, body: JSON.stringify(body) } : {}),
  });
  return { status: response.status, body: await response.json() };
}

describe.skipIf(!postgres)(`two servers on one Postgres${postgres ? "" : ` (${POSTGRES_MISSING})`}`, () => {
  it("show each other's models", async () => {
    const [one, other] = [await start(database), await start(database)];
    const model = { id: "mine", provider: "openrouter", apiModelName: "some/model", layer: "L2" };
    expect((await call(one, "POST", "/v1/models", model)).status).toBe(201);
    await expect.poll(async () => (await call(other, "GET", "/v1/models/mine")).status).toBe(200);

    expect((await call(other, "PUT", "/v1/models/mine", { priority: 7 })).body).toMatchObject({ priority: 7 });
    await expect.poll(async () => (await call(one, "GET", "/v1/models/mine")).body).toMatchObject({ priority: 7 });
    expect((await call(other, "POST", "/v1/models", model)).status).toBe(409);

    expect((await call(one, "DELETE", "/v1/models/mine")).status).toBe(200);
    await expect.poll(async () => (await call(other, "GET", "/v1/models/mine")).status).toBe(404);
    for (const server of [one, other]) {
      expect((await call(server, "GET", "/health")).body).toMatchObject({ status: "ok", database: true });
    }
    expect(one.banner).toContain("Data: Postgres");
  });
});
