import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ConfigReload, ConfigView } from "@sluice/core";
import { afterEach, describe, expect, it } from "vitest";
import { runServer, type ServerProcess } from "./run-server.js";
import { temporaryDirectory } from "./temporary-directory.js";

/** Long for a file to be noticed, on a machine that is busy. */
const NOTICED = { timeout: 10_000 };

let server: ServerProcess;
let directory: string;

afterEach(() => server.kill());

function write(config: object | string): void {
  // As editors and tools for deployment do it: nobody ever sees half of it.
  writeFileSync(join(directory, "new"), typeof config === "string" ? config : JSON.stringify(config));
  renameSync(join(directory, "new"), join(directory, "sluice.config.json"));
}

async function start(config: object | null, environment: Readonly<Record<string, string>> = {}): Promise<void> {
  directory = temporaryDirectory();
  if (config) write(config);
  server = await runServer(environment, directory);
}

async function view(): Promise<ConfigView> {
  return (await fetch(`${server.url}/v1/config`)).json() as Promise<ConfigView>;
}

async function inForce(key: string): Promise<unknown> {
  return (await view()).data.find((each) => each.key === key)?.value;
}

async function reload() {
  const response = await fetch(`${server.url}/v1/config/reload`, { method: "POST" });
  return { status: response.status, body: (await response.json()) as ConfigReload };
}

const attempts = (count: number) => ({ routing: { attempts: count } });
const KEY = "routing.attempts";

describe("the file of a running server", () => {
  it("is read when it changes, also when it was not there at the start", async () => {
    await start(null);
    expect(await inForce(KEY)).toBe(3);
    write(attempts(7));
    await expect.poll(() => inForce(KEY), NOTICED).toBe(7);
    const { data } = await view();
    const origin = `file ${join(directory, "sluice.config.json")}`;
    expect(data.find(({ key }) => key === KEY)).toEqual({ key: KEY, value: 7, origin, live: true });
  });

  it("is read through a link that is turned to another directory, as containers have it", async () => {
    directory = temporaryDirectory();
    for (const [name, count] of [
      ["one", 4],
      ["two", 5],
    ] as const) {
      mkdirSync(join(directory, name));
      writeFileSync(join(directory, name, "sluice.config.json"), JSON.stringify(attempts(count)));
    }
    const turn = (to: string) => {
      symlinkSync(to, join(directory, "data.new"));
      renameSync(join(directory, "data.new"), join(directory, "data"));
    };
    turn("one");
    symlinkSync(join("data", "sluice.config.json"), join(directory, "sluice.config.json"));
    server = await runServer({}, directory);
    expect(await inForce(KEY)).toBe(4);
    turn("two");
    await expect.poll(() => inForce(KEY), NOTICED).toBe(5);
  });

  it("stays in force while a new one is wrong or gone, with one line that says why", async () => {
    await start(attempts(4), { LOG_LEVEL: "error" });
    write(attempts(99));
    await expect.poll(async () => (await view()).error, NOTICED).toMatch(/^routing\.attempts: .* \(file .*\)$/);
    write('{"routing": {"attem');
    await expect.poll(async () => (await view()).error, NOTICED).toMatch(/not valid JSON/);
    rmSync(join(directory, "sluice.config.json"));
    await expect.poll(async () => (await view()).error, NOTICED).toMatch(/cannot be read \(ENOENT\)/);
    expect(await inForce(KEY)).toBe(4);
    await expect.poll(() => server.log().trim().split("\n")).toHaveLength(3);
    write(attempts(6));
    await expect.poll(() => inForce(KEY), NOTICED).toBe(6);
    expect((await view()).error).toBeNull();
  });
});

describe("asked to read its configuration", () => {
  it("does so on SIGHUP, secrets in files included, and hides the new ones in its log", async () => {
    directory = temporaryDirectory();
    const secret = join(directory, "secret");
    writeFileSync(secret, "first-key-of-the-vendor");
    const vendor = { type: "openai-compatible", baseUrl: "http://127.0.0.1:9/v1", apiKey: `file:${secret}` };
    write({ providers: { vendor } });
    server = await runServer({}, directory);
    const { revision } = await view();
    writeFileSync(secret, "second-key-of-the-vendor");
    server.child.kill("SIGHUP");
    await expect.poll(async () => (await view()).revision, NOTICED).toBe(revision + 1);
    await expect.poll(() => server.log()).toContain('"details":"providers.vendor.apiKey","event":"config-reloaded"');
    expect(server.log()).not.toContain("key-of-the-vendor");
    expect(JSON.stringify(await view())).not.toContain("key-of-the-vendor");
  });

  it("says which keys wait for a restart, and refuses what would not start", async () => {
    await start(attempts(4));
    write({ ...attempts(5), port: 4000, auth: { adminUsername: "chief" } });
    await expect.poll(() => inForce(KEY), NOTICED).toBe(5);
    // The port comes from the command line, which is stronger than the file.
    expect((await reload()).body).toMatchObject({ changed: [], restartRequired: ["auth.adminUsername"] });
    write({ ...attempts(5), trustProxy: true });
    const { status, body } = await reload();
    expect([status, body]).toEqual([
      422,
      { error: "The configuration is invalid", details: expect.stringMatching(/^trustProxy: true trusts everybody/) },
    ]);
    expect(await inForce("trustProxy")).toBe(false);
  });

  it("logs at the new level", async () => {
    await start({ logLevel: "error" });
    write({ logLevel: "debug" });
    await expect.poll(() => server.log(), NOTICED).toContain("config-reloaded");
    write({ logLevel: "silent" });
    await expect.poll(() => inForce("logLevel"), NOTICED).toBe("silent");
    write("{");
    expect((await reload()).status).toBe(422);
    expect(server.log()).not.toContain("config-refused");
  });
});
