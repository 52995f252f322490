import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { openai, type ScriptedUpstream, scriptedUpstream } from "@sluice/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadConfigFrom } from "../src/config/load.js";
import { type RunningServer, startServer } from "../src/start.js";
import { temporaryDirectory } from "./temporary-directory.js";

const CLI = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const KEY = "vk-0123456789-abcdefghij-x7Qd";
const PRODUCTION = {
  SLUICE_MODE: "production",
  JWT_SECRET: "fd938441847bc5050324610220b262bbae13d45ec87d2e97083c0d870cb63936",
  ADMIN_PASSWORD: "correct horse battery",
};

let upstream: ScriptedUpstream;
let home: string;
let running: RunningServer | null = null;

beforeEach(async () => {
  upstream = await scriptedUpstream();
  upstream.always(openai.completion({ content: "here" }));
  home = temporaryDirectory();
  const models = [{ id: "one", provider: "my-vendor", apiModelName: "vendor-one", layer: "L0" }];
  writeFileSync(join(home, "sluice.config.json"), JSON.stringify({ models }));
});

afterEach(async () => {
  await stop();
  await upstream.close();
});

async function start(environment: Record<string, string> = {}): Promise<RunningServer> {
  const settings = { PORT: "0", LOG_LEVEL: "silent", DATA_DIR: join(home, "data"), ...environment };
  running = await startServer(loadConfigFrom({ flags: {}, environment: settings, directory: home }));
  return running;
}

async function stop(): Promise<void> {
  await running?.close();
  running = null;
}

async function command(words: readonly string[], environment: Record<string, string> = {}): Promise<string> {
  const env = { PATH: process.env.PATH, DATA_DIR: join(home, "data"), ...environment };
  return (await promisify(execFile)(process.execPath, [CLI, ...words], { cwd: home, env })).stdout;
}

async function addVendor({ gateway }: RunningServer): Promise<void> {
  const baseUrl = `${upstream.url}/v1`;
  await gateway.providers.create({ id: "my-vendor", type: "openai-compatible", baseUrl, apiKey: KEY });
}

async function answer({ gateway }: RunningServer): Promise<unknown> {
  const { choices } = await gateway.chat({ model: "one", messages: [{ role: "user", content: "Hello!" }] });
  return choices[0]?.message.content;
}

const newKey = () => randomBytes(32).toString("hex");

describe("a server's master key", () => {
  it("is made in development, for this user alone, and opens what was kept after a restart", async () => {
    await addVendor(await start());
    await stop();
    expect(statSync(join(home, "data", "master-key")).mode & 0o777).toBe(0o600);
    expect(await answer(await start())).toBe("here");
    expect(upstream.requests[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
    expect(await command(["providers"])).toMatch(/my-vendor +openai-compatible +created +\S+ +…x7Qd +on/);
  });

  it("is all that opens the files it sealed", async () => {
    await addVendor(await start());
    await stop();
    for (const file of readdirSync(join(home, "data"), { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue;
      const text = readFileSync(join(file.parentPath, file.name), "latin1");
      expect([file.name, text.includes(KEY.slice(0, 10))]).toEqual([file.name, false]);
    }
    rmSync(join(home, "data", "master-key"));
    expect(await (await start()).gateway.providers.get("my-vendor")).toMatchObject({ on: false });
  });

  it("is not made in production: nothing is kept without one, and nothing starts that it would be needed for", async () => {
    const server = await start(PRODUCTION);
    await expect(addVendor(server)).rejects.toMatchObject({ code: "not_configured" });
    await stop();
    const masterKey = newKey();
    await addVendor(await start({ ...PRODUCTION, SLUICE_SECRETS_MASTER_KEY: masterKey }));
    await stop();
    for (const environment of [PRODUCTION, { ...PRODUCTION, SLUICE_SECRETS_MASTER_KEY: newKey() }]) {
      await expect(start(environment)).rejects.toMatchObject({
        name: "StartRefused",
        message: expect.stringMatching(/sealed with the master key \S+, which is not here/),
      });
    }
    expect(await answer(await start({ ...PRODUCTION, SLUICE_SECRETS_MASTER_KEY: masterKey }))).toBe("here");
  });

  it("is changed by sealing anew what the one before has sealed", async () => {
    const [old, next] = [newKey(), newKey()];
    await addVendor(await start({ ...PRODUCTION, SLUICE_SECRETS_MASTER_KEY: old }));
    const both = { ...PRODUCTION, SLUICE_SECRETS_MASTER_KEY: next, SLUICE_SECRETS_RETIRED_MASTER_KEYS: old };
    expect(await command(["secrets", "reseal"], both)).toMatch(/^Sealed the secrets of 1 entry anew/);
    await stop();
    expect(await answer(await start({ ...PRODUCTION, SLUICE_SECRETS_MASTER_KEY: next }))).toBe("here");
  });

  it("refuses a key that is none, and never shows it", async () => {
    const wrong = newKey().slice(1);
    const starting = start({ SLUICE_SECRETS_MASTER_KEY: wrong });
    await expect(starting).rejects.toThrow("secrets.masterKey: must be 32 bytes in hexadecimal or base64");
    await expect(starting).rejects.not.toThrow(wrong);
    const masterKey = newKey();
    const shown = await command(["config", "check"], { SLUICE_SECRETS_MASTER_KEY: masterKey });
    expect(shown).toMatch(/secrets\.masterKey +\*{8}/);
    expect(shown).not.toContain(masterKey);
  });
});

describe("sluice providers reset", () => {
  it("forgets what was changed", async () => {
    const server = await start();
    await addVendor(server);
    await command(["providers", "reset"]);
    await expect.poll(() => server.gateway.providers.get("my-vendor").catch((error) => error.code)).toBe("not_found");
  });
});
