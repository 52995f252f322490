import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
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

/** Everything a secret could leak as: itself, encoded, or its end beyond the four characters that keys are known by. */
function formsOf(secret: string): readonly string[] {
  return [secret, Buffer.from(secret).toString("base64").replace(/=+$/, ""), secret.slice(-8)];
}

function leaks(text: string): readonly string[] {
  return [...canaries]
    .filter(([, secret]) => formsOf(secret).some((form) => text.includes(form)))
    .map(([place]) => place);
}

function preset(place: string): object {
  const secrets = (at: string) => ({
    password: canary(`${place}.${at}password`),
    privateKey: canary(`${place}.${at}privateKey`),
    passphrase: canary(`${place}.${at}passphrase`),
  });
  const jump = [{ host: "door.internal", username: "guest", ...secrets("jump.") }];
  return { type: "ssh", host: "127.0.0.1", username: "ci", ...secrets(""), jump };
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
    models: [{ id: "made", provider: "made-vendor", apiModelName: "made", layer: "L1" }],
    terminal: {
      mode: "authenticated",
      presets: { configured: preset("terminal.presets") },
      env: { SECRET: canary("terminal.env") },
    },
    mcp: {
      enabled: true,
      terminals: {
        "box.of.many": preset("mcp.terminals"),
        "local.one": { type: "local", env: { SECRET: canary("mcp.terminals.env") } },
      },
    },
    cost: {
      alertWebhook: { url: `${upstream}/${canary("cost.alertWebhook.url")}`, secret: canary("cost.alertWebhook") },
    },
    secrets: {
      masterKey: canary("secrets.masterKey"),
      retiredMasterKeys: [canary("secrets.retiredMasterKeys.1"), canary("secrets.retiredMasterKeys.2")],
    },
    auth: {
      jwtSecret: canary("auth.jwtSecret"),
      retiredJwtSecrets: [1, 2].map((index) => ({ secret: canary(`auth.retiredJwtSecrets.${index}`), notAfter })),
      adminPassword: canary("auth.adminPassword"),
    },
  };
}

interface Called {
  readonly line: string;
  readonly status: number;
  readonly text: string;
}

const HANDS_OUT = /^POST \/v1\/(?:auth\/(?:login|password)|keys(?:\/\w+\/rotate)?|terminal\/[\w-]+\/ticket)$/;

/** What is handed out may stand in the one answer that hands it out, and nowhere else: there it is taken out, and looked for from then on. */
function withoutHandedOut({ text, ...called }: Called): Called {
  let rest = text;
  for (const [field, start] of [
    ["secret", 12],
    ["token", -40],
    ["ticket", 0],
  ] as const) {
    const value = new RegExp(`"${field}":"([^"]+)"`).exec(rest)?.[1];
    if (value === undefined || called.status >= 300 || !HANDS_OUT.test(called.line)) continue;
    rest = rest.replace(value, "");
    canaries.set(`${called.line} ${field}`, value.slice(start));
  }
  return { ...called, text: rest };
}

describe("more than sixty secrets", () => {
  it("appear in no answer of any route, no log, no error, no health report, no command and no file", async () => {
    const upstream = await scriptedUpstream();
    // A provider that says back what it was sent is the worst there is.
    upstream.respond(({ headers, body }) =>
      error(body.includes("your mistake") ? 400 : 401, { error: { message: `refused ${JSON.stringify(headers)}` } }),
    );
    const home = temporaryDirectory();
    writeFileSync(join(home, "sluice.config.json"), JSON.stringify(configuration(upstream.url)));
    const child = spawn(process.execPath, [CLI, "--port", "0"], { cwd: home, env: { PATH: process.env.PATH } });
    running.add(child);
    let printed = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (printed += text));
    await expect.poll(() => printed, { timeout: 60_000 }).toMatch(/\/docs/);
    const url = /listens on (\S+)/.exec(printed)?.[1] ?? "";

    const answers: Called[] = [];
    const call = async (method: string, path: string, credential?: string, json?: object): Promise<Called> => {
      const headers = {
        ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
        ...(json === undefined ? {} : { "content-type": "application/json" }),
      };
      const body = json === undefined ? {} : { body: JSON.stringify(json) };
      const response = await fetch(`${url}${path}`, { method, headers, ...body });
      const called = { line: `${method} ${path}`, status: response.status, text: await response.text() };
      answers.push(withoutHandedOut(called));
      return called;
    };
    const ok = async (...words: Parameters<typeof call>) => {
      const called = await call(...words);
      expect([called.line, called.status, called.text]).toEqual([
        called.line,
        expect.toSatisfy((status) => status < 300),
        called.text,
      ]);
      return JSON.parse(called.text);
    };
    const login = async (username: string, password: string): Promise<string> =>
      (await ok("POST", "/v1/auth/login", undefined, { username, password })).token;

    const adminPassword = canaries.get("auth.adminPassword") ?? "";
    const token = await login("admin", adminPassword);
    const made = (await ok("POST", "/v1/keys", token, {})) as { key: { id: string }; secret: string };

    // What comes in at run time, and is kept.
    const vendor = (place: string) => ({
      apiKey: [canary(`${place}.apiKey.1`), canary(`${place}.apiKey.2`)],
      headers: { "x-made": canary(`${place}.headers`) },
    });
    const baseUrl = `${upstream.url}/v1`;
    await ok("POST", "/v1/providers", token, {
      id: "made-vendor",
      type: "openai-compatible",
      baseUrl,
      ...vendor("created"),
    });
    await ok("PATCH", "/v1/providers/made-vendor", token, vendor("patched"));
    await ok("PATCH", "/v1/providers/openai", token, vendor("changed"));
    await ok("POST", "/v1/terminal/presets", token, { id: "made", ...preset("created preset") });
    await ok("PATCH", "/v1/terminal/presets/made", token, { password: canary("patched preset.password") });
    await ok("PATCH", "/v1/terminal/presets/configured", token, { hostKeyPolicy: "strict" });
    for (const [name, username] of [
      ["kim", "kim"],
      ["sam", "sam"],
    ] as const) {
      await ok("POST", "/v1/users", token, { username, password: canary(`${name}.password`), role: "viewer" });
    }
    const userToken = await login("kim", canaries.get("kim.password") ?? "");

    // What is refused, and where secrets stand in the wrong place.
    const wrong = { username: "admin", password: canary("login.password") };
    await call("POST", "/v1/auth/login", undefined, wrong);
    await call("POST", "/v1/auth/login", undefined, { ...wrong, username: canary("login.username") });
    for (const credential of [`slc_${canary("bad key")}`, `eyJ.${canary("bad token")}.x`, canary("bad credential")]) {
      await call("GET", "/v1/models", credential);
    }
    await call("POST", "/v1/providers", token, {
      id: "x",
      type: canary("refused type"),
      apiKey: canary("refused apiKey"),
    });
    await call("POST", "/v1/providers", token, { id: "made-vendor", ...vendor("conflicting") });
    await call("PATCH", "/v1/providers/made-vendor", token, {
      baseUrl: "https://elsewhere.example",
      apiKey: canary("half"),
    });
    await call("POST", "/v1/terminal/presets", token, {
      id: "y",
      type: "ssh",
      host: "-x",
      ...preset("refused preset"),
    });
    await call("POST", "/v1/terminal/sessions", token, { type: "ssh", preset: "made" });
    await call("POST", "/v1/terminal/sessions", token, {
      type: "ssh",
      host: "10.0.0.1",
      username: "a",
      password: canary("ssh.password"),
    });
    await call("POST", "/v1/auth/password", userToken, {
      currentPassword: canary("wrong current"),
      newPassword: canary("new 1"),
    });

    // Every route of the table, as nobody, as a client and as an admin; what would end the walk comes last.
    const { paths } = JSON.parse((await call("GET", "/openapi.json")).text) as { paths: Record<string, object> };
    const lines = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => [method.toUpperCase(), path] as const),
    );
    const ends = ([method, path]: readonly [string, string]) => method === "DELETE" || path.startsWith("/v1/auth/");
    const ids: Record<string, string> = {
      providers: "made-vendor",
      presets: "made",
      keys: made.key.id,
      users: "sam",
      models: "made",
    };
    const body = { model: "auto:L1", messages: [{ role: "user", content: "hi" }], input: "hi", prompt: "hi" };
    const walked = new Set<string>();
    for (const [method, path] of [...lines.filter((line) => !ends(line)), ...lines.filter(ends)]) {
      const kind = path.split("/{")[0]?.split("/").at(-1) ?? "";
      const json = method === "GET" || method === "DELETE" ? undefined : body;
      const own = path.startsWith("/v1/auth/") ? [undefined, made.secret, userToken] : [undefined, made.secret, token];
      for (const id of new Set(["nobody", ids[kind] ?? "nobody"])) {
        for (const credential of own) {
          await call(method, path.replace("{id}", id).replace(/\{\w+\}/, "1"), credential, json);
        }
      }
      walked.add(`${method} ${path}`);
    }
    expect(walked.size).toBe(lines.length);

    for (const model of ["auto:L1", "auto:L2", "auto:L3", "simulator", "made"]) {
      const { secret } = await ok("POST", "/v1/keys", token, {});
      await call("POST", "/v1/chat/completions", secret, { ...body, model });
      await call("POST", "/v1/messages", secret, { ...body, model, max_tokens: 5 });
      const mistaken = { ...body, model, messages: [{ role: "user", content: "your mistake" }] };
      for (const stream of [false, true]) await call("POST", "/v1/chat/completions", secret, { ...mistaken, stream });
    }
    for (const path of ["/v1/audit?limit=1000", "/v1/config", "/v1/requests", "/health"]) await ok("GET", path, token);

    const commands = [["config", "check"], ["providers"], ["keys"], ["models"], ["secrets", "reseal"]];
    for (const words of commands) {
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [CLI, ...words], {
        cwd: home,
        env: { PATH: process.env.PATH },
      });
      answers.push({ line: `sluice ${words.join(" ")}`, status: 0, text: stdout + stderr });
    }
    child.kill("SIGTERM");
    await new Promise((resolve) => child.once("close", resolve));
    await upstream.close();

    expect(canaries.size).toBeGreaterThanOrEqual(60);
    expect(
      upstream.requests.some(({ headers }) =>
        String(headers.authorization).includes(canaries.get("patched.apiKey.1") ?? ""),
      ),
    ).toBe(true);
    expect(answers.length).toBeGreaterThan(200);
    expect(
      answers
        .filter(({ status }) => status >= 500 && status !== 502 && status !== 503)
        .map(({ line, text }) => [line, text]),
    ).toEqual([]);
    expect(
      answers
        .filter(({ text }) => leaks(text).length > 0)
        .map(({ line, status, text }) => [line, status, leaks(text), text.slice(0, 500)]),
    ).toEqual([]);
    expect(leaks(printed)).toEqual([]);
    for (const file of filesBelow(join(home, ".sluice"))) {
      expect([file, leaks(readFileSync(file, "latin1"))]).toEqual([file, []]);
    }
  }, 180_000);
});

function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
