import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { openai, type ScriptedUpstream, scriptedUpstream } from "@sluice/testkit";
import { POSTGRES_MISSING, postgresServer } from "@sluice/testkit/postgres";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { runServer, type ServerProcess } from "./run-server.js";
import { temporaryDirectory } from "./temporary-directory.js";

const MASTER_KEY = "0c4e7a2f19d8b653e1a70f94c6d2385b7be96403f5a1d8270c9e4b16a38f5d72";
const PROVIDER_KEY = "the-key-of-a-provider";
const ASK = { model: "mine", messages: [{ role: "user", content: "Hello!" }] };

const installed = (command: string) => spawnSync(command, ["--version"]).status === 0;
const hasSqlite = installed("sqlite3");
const hasDump = installed("pg_dump") && installed("pg_restore");
const postgres = hasDump ? await postgresServer(process.env.DATABASE_URL) : null;

let upstream: ScriptedUpstream;
const running: ServerProcess[] = [];

beforeEach(async () => {
  upstream = await scriptedUpstream();
  upstream.always(openai.completion({ content: "here" }));
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.kill()));
  await upstream.close();
});

afterAll(() => postgres?.close());

async function start(directory: string, environment: Record<string, string> = {}): Promise<ServerProcess> {
  const server = await runServer({ SLUICE_SECRETS_MASTER_KEY: MASTER_KEY, ...environment }, directory);
  running.push(server);
  return server;
}

async function ask({ url }: ServerProcess, path: string, body?: object, credential?: string): Promise<unknown> {
  const response = await fetch(`${url}${path}`, {
    method: body ? "POST" : "GET",
    headers: {
      ...(body ? { "content-type": "application/json" } : {}),
      ...(credential ? { authorization: `Bearer ${credential}` } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const answer = await response.json();
  expect([path, response.status < 300 ? "ok" : answer]).toEqual([path, "ok"]);
  return answer;
}

/** A server with something of everything in its store; the key that was made. */
async function filled(server: ServerProcess): Promise<string> {
  const vendor = { id: "vendor", type: "openai-compatible", baseUrl: `${upstream.url}/v1`, apiKey: PROVIDER_KEY };
  await ask(server, "/v1/providers", vendor);
  await ask(server, "/v1/models", { id: "mine", provider: "vendor", apiModelName: "m", layer: "L1" });
  const { secret } = (await ask(server, "/v1/keys", {})) as { secret: string };
  await ask(server, "/v1/chat/completions", ASK, secret);
  const rows = async () => ((await ask(server, "/v1/requests")) as { data: unknown[] }).data.length;
  await expect.poll(rows).toBe(1);
  return secret;
}

/** That a server has what another one had. */
async function expectAll(server: ServerProcess, key: string): Promise<void> {
  const before = upstream.requests.length;
  const answer = await ask(server, "/v1/chat/completions", ASK, key);
  expect(answer).toMatchObject({ choices: [{ message: { content: "here" } }] });
  expect(upstream.requests[before]?.headers.authorization).toBe(`Bearer ${PROVIDER_KEY}`);
  const { data } = (await ask(server, "/v1/requests")) as { data: unknown[] };
  expect(data).toHaveLength(2);
}

function run(command: string, ...words: readonly string[]): void {
  const { status, stderr } = spawnSync(command, words, { encoding: "utf8" });
  expect([command, status, stderr]).toEqual([command, 0, ""]);
}

describe.skipIf(!hasSqlite)(`a backup of SQLite${hasSqlite ? "" : " (needs sqlite3)"}`, () => {
  it("is made while the server runs, and has everything when it is put back", async () => {
    const directory = temporaryDirectory();
    const key = await filled(await start(directory));
    const restored = temporaryDirectory();
    mkdirSync(join(restored, ".sluice"));
    run("sqlite3", join(directory, ".sluice", "sluice.db"), `.backup ${join(restored, ".sluice", "sluice.db")}`);
    await expectAll(await start(restored), key);
  });
});

const missing = hasDump ? POSTGRES_MISSING : "needs pg_dump and pg_restore";
describe.skipIf(!postgres)(`a backup of Postgres${postgres ? "" : ` (${missing})`}`, () => {
  it("has everything when it is put back, over what has come to be since then too", async () => {
    const [database = "", other = ""] = [await postgres?.createDatabase(), await postgres?.createDatabase()];
    const first = await start(temporaryDirectory(), { DATABASE_URL: database });
    const key = await filled(first);
    const dump = join(temporaryDirectory(), "sluice.dump");
    run("pg_dump", "--format=custom", `--file=${dump}`, database);
    await ask(first, "/v1/models", { id: "later", provider: "vendor", apiModelName: "m", layer: "L1" });
    await Promise.all(running.splice(0).map((server) => server.kill()));
    for (const target of [other, database]) {
      run("pg_restore", "--clean", "--if-exists", "--no-owner", `--dbname=${target}`, dump);
      const server = await start(temporaryDirectory(), { DATABASE_URL: target });
      await expectAll(server, key);
      const { data } = (await ask(server, "/v1/models")) as { data: { id: string }[] };
      expect(data.map(({ id }) => id)).not.toContain("later");
      await server.kill();
      await postgres?.dropDatabase(target);
    }
  });
});
