import { type OwnPostgres, ownPostgres, POSTGRES_MISSING } from "@sluice/testkit/postgres";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RunningServer } from "../src/start.js";
import { ask, modelNamed, startOn } from "./server-on.js";
import { temporaryDirectory } from "./temporary-directory.js";

const CHATS_PER_SECOND = 200;
const OUTAGE_MS = 30_000;
/** Ten times what is promised, because the machine may be busy. */
const SOON_MS = 10_000;

const own = await ownPostgres();
const running: RunningServer[] = [];
let database = "";

beforeAll(async () => {
  if (own) database = await own.createDatabase();
});

afterEach(async () => {
  own?.thaw();
  await Promise.all(running.splice(0).map((server) => server.close()));
});

afterAll(() => own?.close());

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function start(dataDir: string): Promise<RunningServer> {
  const server = await startOn(database, dataDir);
  running.push(server);
  return server;
}

/** Chats at a steady rate, however long answers take, until it is ended; then how each went. */
function chatting(server: RunningServer): { end(): Promise<readonly number[]> } {
  const chats: Promise<number>[] = [];
  const body = { model: "simulator", messages: [{ role: "user", content: "Hello!" }] };
  const timer = setInterval(() => {
    const chat = ask(server, "POST", "/v1/chat/completions", body).then(({ status }) => status);
    chats.push(chat.catch(() => 0));
  }, 1_000 / CHATS_PER_SECOND);
  return {
    end() {
      clearInterval(timer);
      return Promise.all(chats);
    },
  };
}

async function ledgerRows(): Promise<number> {
  const found = await own?.query("select count(*)::int as count from sluice_usage", [], database);
  return found?.rows[0]?.count;
}

async function expectOutage(server: RunningServer): Promise<void> {
  expect((await ask(server, "GET", "/v1/models")).status).toBe(200);
  expect((await ask(server, "GET", "/readyz")).status).toBe(200);
  expect((await ask(server, "GET", "/health")).body).toMatchObject({ status: "degraded", database: false });
  const write = await ask(server, "POST", "/v1/models", modelNamed("never"));
  expect(write).toMatchObject({ status: 503, body: { error: expect.any(String) } });
  expect(write.ms).toBeLessThan(SOON_MS);
}

async function expectRecovery(server: RunningServer, id: string): Promise<void> {
  const tryAgain = async () => (await ask(server, "POST", "/v1/models", modelNamed(id))).status;
  await expect.poll(tryAgain, { timeout: SOON_MS * 5, interval: 200 }).toBe(201);
  expect((await ask(server, "GET", "/health")).body).toMatchObject({ database: true });
}

describe.skipIf(!own)(`a Postgres that goes away${own ? "" : ` (${POSTGRES_MISSING})`}`, () => {
  const postgres = own as OwnPostgres; // skipped without it

  it("fails no chat while it is stopped, and every acknowledged call is in the ledger after", async () => {
    const server = await start(temporaryDirectory());
    const load = chatting(server);
    await wait(2_000);
    await postgres.stop();
    const back = performance.now() + OUTAGE_MS;
    while (performance.now() < back) {
      await expectOutage(server);
      await wait(1_000);
    }
    await postgres.start();
    await expectRecovery(server, "after-the-stop");
    const statuses = await load.end();
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
    expect(statuses.length).toBeGreaterThan(OUTAGE_MS / 100);
    await expect.poll(ledgerRows, { timeout: SOON_MS * 5, interval: 500 }).toBe(statuses.length);
  });

  it("fails no chat while it is frozen", async () => {
    const server = await start(temporaryDirectory());
    const load = chatting(server);
    await wait(1_000);
    postgres.freeze();
    for (let times = 0; times < 3; times++) await expectOutage(server);
    postgres.thaw();
    await expectRecovery(server, "after-the-frost");
    expect((await load.end()).filter((status) => status !== 200)).toEqual([]);
  });

  it("is not needed to start again, and is found when it is back", async () => {
    const dataDir = temporaryDirectory();
    const before = await start(dataDir);
    expect((await ask(before, "POST", "/v1/models", modelNamed("kept"))).status).toBe(201);
    await running.pop()?.close();
    await postgres.stop();
    await expect(start(temporaryDirectory())).rejects.toThrow(/Postgres at \S+ cannot be reached/);
    const server = await start(dataDir);
    expect((await ask(server, "GET", "/v1/models/kept")).status).toBe(200);
    const load = chatting(server);
    await expectOutage(server);
    await postgres.start();
    await expectRecovery(server, "after-the-start");
    expect((await load.end()).filter((status) => status !== 200)).toEqual([]);
  });
});
