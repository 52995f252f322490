import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { error, scriptedUpstream } from "@sluice/testkit";
import { afterAll, describe, expect, it } from "vitest";
import { temporaryDirectory } from "./temporary-directory.js";

const CLI = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const running = new Set<ChildProcess>();
afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
});

const canaries = new Map<string, string>();

/** A secret nobody has ever seen, by what it stands for. */
function canary(place: string): string {
  const value = randomBytes(32).toString("hex");
  canaries.set(place, value);
  return value;
}

/** Everything a secret could leak as: itself, encoded, or its end. */
function formsOf(secret: string): readonly string[] {
  return [secret, Buffer.from(secret).toString("base64").replace(/=+$/, ""), secret.slice(-8)];
}

function leaks(text: string): readonly string[] {
  return [...canaries]
    .filter(([, secret]) => formsOf(secret).some((form) => text.includes(form)))
    .map(([place]) => place);
}

/** A configuration with a secret in every place that takes one. */
function configuration(upstream: string): object {
  const provider = (name: string) => ({
    type: name === "my-vendor" ? "openai-compatible" : name,
    baseUrl: `${upstream}/v1`,
    apiKey: [1, 2, 3, 4].map((index) => canary(`providers.${name}.apiKey.${index}`)),
    headers: { "x-one": canary(`providers.${name}.headers.1`), "x-two": canary(`providers.${name}.headers.2`) },
  });
  const notAfter = "2999-01-01T00:00:00Z";
  return {
    mode: "production",
    logLevel: "debug",
    limits: { perIp: null, perKey: null },
    redis: `redis://user:${canary("redis")}@127.0.0.1:1`,
    providers: Object.fromEntries(
      ["openai", "anthropic", "openrouter", "oss-local", "my-vendor"].map((name) => [name, provider(name)]),
    ),
    auth: {
      jwtSecret: canary("auth.jwtSecret"),
      retiredJwtSecrets: [1, 2].map((index) => ({ secret: canary(`auth.retiredJwtSecrets.${index}`), notAfter })),
      adminPassword: canary("auth.adminPassword"),
    },
  };
}

interface Called {
  readonly status: number;
  readonly text: string;
}

describe("forty secrets", () => {
  it("appear in no answer, no log, no error, no health report and no file", async () => {
    const upstream = await scriptedUpstream();
    // A provider that says back what it was sent is the worst there is.
    upstream.respond(({ headers }) => error(401, { error: { message: `refused ${JSON.stringify(headers)}` } }));
    const home = temporaryDirectory();
    writeFileSync(join(home, "sluice.config.json"), JSON.stringify(configuration(upstream.url)));
    const child = spawn(process.execPath, [CLI, "--port", "0"], { cwd: home, env: { PATH: process.env.PATH } });
    running.add(child);
    let printed = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (printed += text));
    await expect.poll(() => printed, { timeout: 60_000 }).toMatch(/\/docs/);
    const url = /listens on (\S+)/.exec(printed)?.[1] ?? "";

    const call = async (method: string, path: string, credential?: string, json?: object): Promise<Called> => {
      const headers = {
        ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
        ...(json === undefined ? {} : { "content-type": "application/json" }),
      };
      const body = json === undefined ? {} : { body: JSON.stringify(json) };
      const response = await fetch(`${url}${path}`, { method, headers, ...body });
      return { status: response.status, text: await response.text() };
    };

    // What is handed out may stand in the one answer that hands it out, and nowhere else.
    const password = canaries.get("auth.adminPassword");
    const login = await call("POST", "/v1/auth/login", undefined, { username: "admin", password });
    const { token } = JSON.parse(login.text) as { token: string };
    const made = JSON.parse((await call("POST", "/v1/keys", token, {})).text) as { secret: string };
    canaries.set("token", token.slice(-40));
    canaries.set("key", made.secret.slice(12));
    const user = { username: "kim", password: canary("user.password"), role: "viewer" };
    const answers = [await call("POST", "/v1/users", token, user)];
    const wrong = { username: "admin", password: canary("login.password") };
    answers.push(await call("POST", "/v1/auth/login", undefined, wrong));
    answers.push(await call("POST", "/v1/auth/login", undefined, { ...wrong, username: canary("login.username") }));
    for (const credential of [`slc_${canary("bad key")}`, `eyJ.${canary("bad token")}.x`, canary("bad credential")]) {
      answers.push(await call("GET", "/v1/models", credential));
    }

    const { paths } = JSON.parse((await call("GET", "/openapi.json")).text) as { paths: Record<string, object> };
    const body = { model: "auto:L1", messages: [{ role: "user", content: "hi" }], input: "hi", prompt: "hi" };
    for (const [path, methods] of Object.entries(paths)) {
      if (path.startsWith("/v1/auth/")) continue; // a logout would end this
      for (const method of Object.keys(methods)) {
        const line = [method.toUpperCase(), path.replace(/\{\w+\}/, "nobody")] as const;
        const json = method === "get" || method === "delete" ? undefined : body;
        if (path === "/v1/keys" && method === "post") continue; // hands out another secret
        for (const credential of [undefined, made.secret, token]) answers.push(await call(...line, credential, json));
      }
    }
    for (const model of ["auto:L1", "auto:L2", "auto:L3", "simulator"]) {
      answers.push(await call("POST", "/v1/chat/completions", made.secret, { ...body, model }));
    }
    child.kill("SIGTERM");
    await new Promise((resolve) => child.once("close", resolve));
    await upstream.close();

    expect(canaries.size).toBeGreaterThanOrEqual(40);
    expect(upstream.requests.length).toBeGreaterThan(0);
    expect(answers.length).toBeGreaterThan(100);
    expect(answers.filter(({ text }) => leaks(text).length > 0).map(({ status, text }) => [status, text])).toEqual([]);
    expect(leaks(printed)).toEqual([]);
    for (const file of filesBelow(join(home, ".sluice"))) {
      expect([file, leaks(readFileSync(file, "latin1"))]).toEqual([file, []]);
    }
  }, 120_000);
});

function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
