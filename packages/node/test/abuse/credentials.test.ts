import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Gateway } from "@sluice/core";
import { sqliteStore } from "@sluice/core/stores/sqlite";
import { nodeGateway } from "@sluice/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let directory: string;
let gateway: Gateway;
let server: Server;
let url: string;
let key: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "sluice-credentials-"));
  gateway = new Gateway({
    mode: "production",
    limits: { perIp: null },
    store: sqliteStore({ file: join(directory, "sluice.db") }),
  });
  server = createServer(nodeGateway(gateway)).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  ({ secret: key } = await gateway.keys.create());
});

afterAll(async () => {
  server.close();
  await gateway.close();
  rmSync(directory, { recursive: true });
});

async function answer(headers: Record<string, string>) {
  const response = await fetch(`${url}/v1/models`, { headers });
  return { status: response.status, text: await response.text() };
}

const SQL = [
  "' OR '1'='1",
  "' OR 1=1 --",
  "'; DROP TABLE sluice_entries; --",
  "' UNION SELECT entry FROM sluice_entries --",
  "' UNION SELECT null, null, null --",
  '" OR ""="',
  "') OR ('a'='a",
  "admin'/*",
  "1; SELECT pg_sleep(10) --",
  "slc_AAAAAAAA' AND 1=(SELECT count(*) FROM sluice_entries) --",
  "\\'; ATTACH DATABASE '/tmp/x.db' AS x; --",
];

describe.each([
  ["Authorization", (text: string) => ({ authorization: `Bearer ${text}` })],
  ["x-api-key", (text: string) => ({ "x-api-key": text })],
])("in %s", (_header, headers) => {
  it.each(SQL)("%s is a credential nobody has: 401, and not a word of SQL", async (text) => {
    const { status, text: body } = await answer(headers(text));
    expect(status).toBe(401);
    expect(body).not.toMatch(/select|sqlite|syntax|table|sluice_entries/i);
    expect((await answer(headers(key))).status).toBe(200);
  });

  it.each([
    ["a key cut off", () => key.slice(0, -1)],
    ["a key that goes on", () => `${key}0`],
    ["a key in other letters", () => key.toUpperCase()],
    ["two keys", () => `${key},${key}`],
    ["a key with the same first forty characters", () => key.slice(0, 40) + [...key.slice(40)].reverse().join("")],
    ["4 kB", () => "a.b.".padEnd(4_200, "c")],
    ["nothing", () => ""],
  ])("%s: 401", async (_what, text) => {
    expect((await answer(headers(text()))).status).toBe(401);
  });
});

describe("a key", () => {
  it("is no credential in a query string", async () => {
    for (const name of ["key", "api_key", "access_token", "x-api-key"]) {
      expect((await fetch(`${url}/v1/models?${name}=${key}`)).status).toBe(401);
    }
  });
});
