import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { faults, openai, scriptedUpstream } from "@sluice/testkit";
import { afterEach, describe, expect, it } from "vitest";
import { temporaryDirectory } from "./temporary-directory.js";

const CLI = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const SECRETS = {
  JWT_SECRET: "fd938441847bc5050324610220b262bbae13d45ec87d2e97083c0d870cb63936",
  ADMIN_PASSWORD: "correct horse battery",
};

const hasCurl = spawnSync("curl", ["--version"]).status === 0;

const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill("SIGKILL");
});

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
}

class Cli {
  out = "";
  err = "";
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  readonly #listeners = new Set<() => void>();

  constructor(words: readonly string[], directory: string, environment: Record<string, string>) {
    this.child = spawn(process.execPath, [CLI, ...words], {
      cwd: directory,
      env: { PATH: process.env.PATH, ...environment },
    });
    running.add(this.child);
    this.child.stdout?.on("data", (text) => this.#heard(() => (this.out += text)));
    this.child.stderr?.on("data", (text) => this.#heard(() => (this.err += text)));
    this.ended = new Promise((resolve) => this.child.on("close", (code, signal) => resolve({ code, signal })));
  }

  /** Resolves with the first match of what was printed. */
  says(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(this.out);
        if (match) resolve(match);
      };
      this.#listeners.add(look);
      void this.ended.then(({ code }) => reject(new Error(`exited ${code}: ${this.out}${this.err}`)));
      look();
    });
  }

  async url(): Promise<string> {
    return (await this.says(/listens on (\S+)/))[1] ?? "";
  }

  #heard(take: () => void): void {
    take();
    for (const look of this.#listeners) look();
  }
}

function directory(): string {
  return temporaryDirectory();
}

function cli(words: readonly string[], cwd = directory(), environment: Record<string, string> = {}): Cli {
  return new Cli(words, cwd, environment);
}

const MODEL = { id: "a/b:c.d", provider: "openrouter", apiModelName: "x", layer: "L2" };

function create(url: string, model: object): Promise<Response> {
  return fetch(`${url}/v1/models`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(model),
  });
}

describe("sluice start", () => {
  it("prints a curl line that works as it stands", async () => {
    const server = cli(["start", "--port", "0"]);
    const [, url, header, body] = await server.says(/curl (\S+) -H '([^']+)' -d '([^']+)'/);
    const [name = "", value = ""] = (header ?? "").split(": ");
    const response = await fetch(url ?? "", { method: "POST", headers: { [name]: value }, body: body ?? "" });
    expect(response.status).toBe(200);
    expect(response.headers.get("x-sluice-provider")).toBe("simulator");
    expect(await response.json()).toMatchObject({ object: "chat.completion", choices: [{ finish_reason: "stop" }] });
    expect(server.out).toMatch(/simulator.*not a language model/);
    const health = await (await fetch(new URL("/health", url))).json();
    expect(health).toMatchObject({ status: "ok", simulated: true, providers: { simulator: true, openai: false } });
  });

  it.skipIf(!hasCurl)("prints a curl line that works in a shell (needs curl)", async () => {
    const server = cli(["start", "--port", "0"]);
    const [line = ""] = await server.says(/curl .*/);
    const { stdout } = await promisify(execFile)("sh", ["-c", `${line} -s`]);
    expect(JSON.parse(stdout)).toMatchObject({ choices: [{ message: { role: "assistant" } }] });
  });

  it("says which layer to set when the providers have nothing on the default one, and a curl line that works until then", async () => {
    const upstream = await scriptedUpstream();
    upstream.always(openai.completion({ content: "hi" }));
    const environment = { OPENAI_API_KEY: "k", OPENAI_BASE_URL: `${upstream.url}/v1` };
    const server = cli(["--port", "0"], directory(), environment);
    const [, url, body] = await server.says(/curl (\S+) .* -d '([^']+)'/);
    await server.says(/set DEFAULT_LAYER=L1/);
    const headers = { "content-type": "application/json" };
    const answer = await fetch(url ?? "", { method: "POST", headers, body: body ?? "" });
    expect(await answer.json()).toMatchObject({ choices: [{ message: { content: "hi" } }] });
    const reaching = cli(["--port", "0"], directory(), { ...environment, MAX_ESCALATION_LAYER: "L1" });
    await reaching.says(/\/docs/);
    expect(reaching.out).not.toContain("Next:");
    await upstream.close();
  });

  it("warns where others could read its secrets out of its environment, and only there", async () => {
    const environment = { OPENROUTER_API_KEY: "sk-or-canary-0123456789", JWT_SECRET: "x" };
    const quiet = cli(["--port", "0"], directory(), environment);
    await quiet.says(/\/docs/);
    expect(quiet.out).not.toContain("Warning");
    const warned = cli(["--port", "0"], directory(), { ...environment, SLUICE_TERMINAL_MODE: "authenticated" });
    const [, variables] = await warned.says(/Warning: whoever may open a terminal can read (.*): programs/);
    expect(variables).toBe("OPENROUTER_API_KEY");
    expect(warned.out).not.toContain("canary");
    const place = directory();
    const mcp = { terminals: { local: { type: "local" } } };
    writeFileSync(join(place, "sluice.config.json"), JSON.stringify({ mcp }));
    await cli(["--port", "0"], place, environment).says(/Warning: a model with a terminal can read OPENROUTER_API_KEY/);
  });

  it("lives on when whoever reads its output leaves", async () => {
    const server = cli(["--port", "0"]);
    const url = await server.url();
    server.child.stdout?.destroy();
    server.child.stderr?.destroy();
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    server.child.kill("SIGTERM"); // prints that it drains, to nobody
    const [code] = await once(server.child, "exit");
    expect(code).toBe(0);
  });

  it("drains on SIGTERM: what is in flight ends well", async () => {
    const upstream = await scriptedUpstream();
    upstream.always(openai.stream(["a", "b"]));
    const server = cli(["--port", "0"], directory(), {
      OPENAI_API_KEY: "k",
      OPENAI_BASE_URL: `${upstream.url}/v1`,
      DEFAULT_LAYER: "L1",
    });
    const url = await server.url();
    const answer = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ stream: true, messages: [{ role: "user", content: "hi" }] }),
    });
    server.child.kill("SIGTERM");
    expect(await answer.text()).toContain("[DONE]");
    expect(await server.ended).toEqual({ code: 0, signal: null });
    await upstream.close();
  });

  it("drains as well when it is told to stop before it has said that it listens", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await once(holder, "listening");
    const { port } = holder.address() as AddressInfo; // a TCP server that listens has one
    holder.close();
    const server = cli(["--port", `${port}`]);
    const answers = () =>
      fetch(`http://127.0.0.1:${port}/livez`).then(
        () => true,
        () => false,
      );
    while (!(await answers()));
    server.child.kill("SIGTERM");
    expect(await server.ended).toEqual({ code: 0, signal: null });
  });

  /** A server with a chat in flight that never ends by itself. */
  async function busy(environment: Record<string, string> = {}) {
    const upstream = await scriptedUpstream();
    upstream.always(faults.hangBeforeHeaders());
    const server = cli(["--port", "0"], directory(), {
      OPENAI_API_KEY: "k",
      OPENAI_BASE_URL: `${upstream.url}/v1`,
      DEFAULT_LAYER: "L1",
      ...environment,
    });
    const status = fetch(`${await server.url()}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ messages: [{ role: "user", content: "hi" }] }),
    }).then(
      (answer) => answer.status,
      () => null,
    );
    await upstream.nextRequest();
    return { server, status, upstream };
  }

  it("exits at once on a second signal", async () => {
    const { server, status, upstream } = await busy();
    server.child.kill("SIGTERM");
    await server.says(/Draining/);
    server.child.kill("SIGTERM");
    expect(await server.ended).toEqual({ code: 143, signal: null });
    expect(await status).toBeNull();
    await upstream.close();
  });

  it("goes on accepting for as long as drain.acceptMs says, and not on the connections it answers on", async () => {
    const server = cli(["--port", "0"], directory(), { SLUICE_DRAIN_ACCEPT_MS: "600000" });
    const url = await server.url();
    server.child.kill("SIGTERM");
    await server.says(/Draining/);
    for (const [path, status] of [["/readyz", 503] as const, ["/livez", 200] as const]) {
      const answer = await fetch(url + path);
      expect([answer.status, answer.headers.get("connection")]).toEqual([status, "close"]);
    }
    server.child.kill("SIGTERM");
    expect(await server.ended).toEqual({ code: 143, signal: null });
  });

  it("ends what is in flight after drain.finishMs", async () => {
    const { server, status, upstream } = await busy({ SLUICE_DRAIN_FINISH_MS: "1" });
    server.child.kill("SIGTERM");
    expect(await status).toBe(503);
    expect(await server.ended).toEqual({ code: 0, signal: null });
    await upstream.close();
  });

  it("keeps models over a restart and a kill -9", async () => {
    const home = directory();
    const first = cli(["--port", "0"], home);
    expect((await create(await first.url(), MODEL)).status).toBe(201);
    first.child.kill("SIGKILL");
    await first.ended;
    const second = cli(["--port", "0"], home);
    const url = await second.url();
    expect(await (await fetch(`${url}/v1/models/${MODEL.id}`)).json()).toMatchObject({ ...MODEL, enabled: true });
    second.child.kill("SIGTERM");
    expect((await second.ended).code).toBe(0);
    const listed = cli(["models", "list"], home);
    await listed.ended;
    expect(listed.out).toContain(MODEL.id);
    const reset = cli(["models", "reset"], home);
    await reset.ended;
    expect(reset.out).toContain("Forgot 1 change.");
  });
});

it("an error nobody catches is one log line, at every level, and status 1", async () => {
  const home = directory();
  const script = join(home, "crash.mjs");
  writeFileSync(
    script,
    `process.argv.splice(1, 1, "sluice"); await import(${JSON.stringify(CLI)});
     setTimeout(() => Promise.reject(new Error("broken: Bearer abcdefgh12345678 " + process.env.JWT_SECRET)), 500);`,
  );
  const { status, stderr } = spawnSync(process.execPath, [script, "start", "--port", "0"], {
    cwd: home,
    env: { PATH: process.env.PATH, LOG_LEVEL: "silent", JWT_SECRET: SECRETS.JWT_SECRET },
    encoding: "utf8",
  });
  expect(status).toBe(1);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(JSON.parse(stderr)).toMatchObject({
    event: "unhandledRejection",
    err: { type: "Error", message: "broken: ******** ********" },
  });
});

describe("a start that is refused", () => {
  it.each([
    ["a public host", ["--host", "0.0.0.0"], {}, /^sluice: host 0\.0\.0\.0 can be reached/],
    [
      "production without a secret",
      [],
      { SLUICE_MODE: "production", ADMIN_PASSWORD: SECRETS.ADMIN_PASSWORD },
      /JWT_SECRET/,
    ],
    [
      "production with a sample password",
      [],
      { SLUICE_MODE: "production", ...SECRETS, ADMIN_PASSWORD: "admin123" },
      /ADMIN_PASSWORD/,
    ],
    ["trustProxy: true", [], { SLUICE_TRUST_PROXY: "true" }, /trustProxy/],
    ["a wrong type", ["--port", "many"], {}, /^sluice: port: /],
    ["an unknown key", [], { SLUICE_PROT: "1" }, /SLUICE_PROT/],
    [
      "a Postgres that is not there, with nothing saved,",
      [],
      { DATABASE_URL: "postgres://u:p@127.0.0.1:1/x" },
      /Postgres at 127\.0\.0\.1:1 cannot be reached: the connection was refused\n$/,
    ],
    [
      "a provider type that does not exist",
      [],
      { SLUICE_PROVIDERS: '{"mine":{"type":"nonsense"}}' },
      /^sluice: providers\.mine\.type must be one of/,
    ],
    [
      "an address of another machine",
      ["--host", "203.0.113.7"],
      { SLUICE_MODE: "production", ...SECRETS },
      /no address of this machine/,
    ],
  ])("%s exits 78 with one line and listens on nothing", async (_name, words, environment, reason) => {
    const refused = cli(["start", "--port", "0", ...words], directory(), environment);
    expect(await refused.ended).toEqual({ code: 78, signal: null });
    expect(refused.err).toMatch(reason);
    expect(refused.err.trim().split("\n")).toHaveLength(1);
    expect(refused.out).toBe("");
  });

  it("a port in use", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => holder.once("listening", resolve));
    const { port } = holder.address() as { port: number };
    const refused = cli(["--port", String(port)]);
    expect((await refused.ended).code).toBe(78);
    expect(refused.err).toBe(`sluice: port ${port} is in use; choose another with --port\n`);
    holder.close();
  });

  it("a store that is no store", async () => {
    const home = directory();
    mkdirSync(join(home, ".sluice"));
    writeFileSync(join(home, ".sluice", "sluice.db"), "this is no database ".repeat(500));
    const refused = cli(["--port", "0"], home);
    expect((await refused.ended).code).toBe(78);
    expect(refused.err).toMatch(/^sluice: .*sluice\.db is not a SQLite database\n$/);
    const listed = cli(["models"], home);
    expect((await listed.ended).code).toBe(1);
    expect(listed.err).toMatch(/^sluice: .*sluice\.db is not a SQLite database\n$/);
  });

  it("a data directory that cannot be one", async () => {
    const home = directory();
    writeFileSync(join(home, "file"), "");
    const refused = cli(["--port", "0", "--data-dir", "file/below"], home);
    expect((await refused.ended).code).toBe(78);
    expect(refused.err).toBe("sluice: dataDir file/below cannot be used (ENOTDIR)\n");
  });

  it("a data directory that is in use, soon, while the first process goes on", async () => {
    const home = directory();
    const first = cli(["--port", "0"], home);
    const url = await first.url();
    const startedAt = performance.now();
    const second = cli(["--port", "0"], home);
    expect((await second.ended).code).toBe(78);
    expect(performance.now() - startedAt).toBeLessThan(20_000); // 2 s are promised; this machine may be busy
    expect(second.err).toContain(`in use by process ${first.child.pid}; stop it, or`);
    expect((await create(url, MODEL)).status).toBe(201);
    const listed = cli(["models"], home);
    expect((await listed.ended).code).toBe(0);
    expect(listed.out).toMatch(/L2 +a\/b:c\.d +openrouter +x +0 +provider off\n/);
  });

  it("a data directory that a live process holds, naming it; of many that race one wins", async () => {
    const home = directory();
    const racers = Array.from({ length: 5 }, () => cli(["--port", "0", "--data-dir", "data"], home));
    const outcomes = await Promise.all(racers.map((racer) => Promise.race([racer.url(), racer.ended])));
    const winners = racers.filter((_racer, index) => typeof outcomes[index] === "string");
    expect(winners).toHaveLength(1);
    for (const racer of racers) {
      if (racer === winners[0]) continue;
      expect((await racer.ended).code).toBe(78);
      expect(racer.err).toContain(`is in use by process ${winners[0]?.child.pid}`);
    }
    winners[0]?.child.kill("SIGKILL");
    await winners[0]?.ended;
    const heirs = Array.from({ length: 5 }, () => cli(["--port", "0", "--data-dir", "data"], home));
    const taken = await Promise.all(heirs.map((heir) => Promise.race([heir.url(), heir.ended])));
    expect(taken.filter((outcome) => typeof outcome === "string")).toHaveLength(1);
  });
});

async function posted(url: string, json: object, token?: string) {
  const headers = { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(json) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe("the first admin", () => {
  it("gets a random password in development, printed at the first start alone; its logins outlive the server", async () => {
    const home = directory();
    const first = cli(["--port", "0"], home);
    const [, username, password] = await first.says(/Admin: (\S+), password (\S{16})/);
    const { status, body } = await posted(`${await first.url()}/v1/auth/login`, { username, password });
    expect([status, body.user]).toEqual([200, { id: "admin", username: "admin", role: "admin" }]);
    first.child.kill("SIGTERM");
    await first.ended;
    const second = cli(["--port", "0"], home);
    const me = `${await second.url()}/v1/auth/me`;
    await second.says(/\/docs/);
    expect(second.out).not.toContain("password");
    expect((await fetch(me, { headers: { authorization: `Bearer ${body.token}` } })).status).toBe(200);
    second.child.kill("SIGTERM");
    await second.ended;
    const production = cli(["--port", "0"], home, { SLUICE_MODE: "production", ...SECRETS });
    const login = `${await production.url()}/v1/auth/login`;
    expect((await posted(login, { username, password: SECRETS.ADMIN_PASSWORD })).status).toBe(200);
    expect((await posted(login, { username, password })).status).toBe(401);
  });
});

describe("in production", () => {
  it("a login makes a key, and a key makes calls", async () => {
    const server = cli(["--port", "0"], directory(), { SLUICE_MODE: "production", ...SECRETS });
    const url = await server.url();
    const admin = { username: "admin", password: SECRETS.ADMIN_PASSWORD };
    const { body: session } = await posted(`${url}/v1/auth/login`, admin);
    const { body: made } = await posted(`${url}/v1/keys`, { name: "test" }, String(session.token));
    const chat = { messages: [{ role: "user", content: "hi" }] };
    expect((await posted(`${url}/v1/chat/completions`, chat, String(made.secret))).status).toBe(200);
    expect((await posted(`${url}/v1/chat/completions`, chat)).status).toBe(401);
    expect((await posted(`${url}/v1/models`, MODEL, String(made.secret))).status).toBe(403);
  });

  it("answers only the public routes to whoever shows nothing", async () => {
    const server = cli(["--port", "0"], directory(), { SLUICE_MODE: "production", ...SECRETS });
    const url = await server.url();
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    const health = (await (await fetch(`${url}/health`)).json()) as object;
    expect(Object.keys(health)).toEqual(["status", "timestamp"]);
    expect((await fetch(`${url}/v1/models`)).status).toBe(401);
    expect((await create(url, MODEL)).status).toBe(401);
  });
});

describe("sluice keys", () => {
  it("makes, lists and revokes keys beside a running server, which notices", async () => {
    const home = directory();
    const server = cli(["--port", "0"], home, { SLUICE_MODE: "production", ...SECRETS });
    const url = await server.url();
    const status = async (key: string): Promise<number> =>
      (await fetch(`${url}/v1/models`, { headers: { "x-api-key": key } })).status;
    const made = cli(["keys", "create", "--name", "shop", "--scopes", "chat,embeddings", "--layers", "L0"], home);
    expect((await made.ended).code).toBe(0);
    const key = made.out.trim();
    expect(key).toMatch(/^slc_[0-9A-Za-z]{57}$/);
    await expect.poll(() => status(key), { timeout: 10_000 }).toBe(200);
    const listed = cli(["keys"], home);
    await listed.ended;
    expect(listed.out).toMatch(new RegExp(`${key.slice(4, 12)} +shop +client +never +chat,embeddings,L0`));
    expect(listed.out).not.toContain(key.slice(12));
    const revoked = cli(["keys", "revoke", key.slice(4, 12)], home);
    expect((await revoked.ended).code).toBe(0);
    await expect.poll(() => status(key), { timeout: 10_000 }).toBe(401);
  });

  it.each([
    [["keys", "create", "--scopes", "everything"], /^sluice: Invalid request: scopes/],
    [["keys", "create", "--role", "root"], /^sluice: Invalid request: role/],
    [["keys", "revoke", "AAAAAAAA"], /^sluice: Not found: there is no key AAAAAAAA/],
  ])("%j says what is wrong", async (words, expected) => {
    const run = cli(words);
    expect((await run.ended).code).toBe(1);
    expect(run.err).toMatch(expected);
  });
});

describe("the command line", () => {
  it.each([
    [["--help"], 0, /Usage:/, /^$/],
    [["--version"], 0, /^\d+\.\d+\.\d+\n$/, /^$/],
    [["--prot", "1"], 64, /^$/, /^sluice: Unknown option '--prot'; see sluice --help\n$/],
    [["--port"], 64, /^$/, /^sluice: Option '--port <value>' argument missing; see sluice --help\n$/],
    [["config"], 64, /^$/, /^sluice: there is no command "config"; see sluice --help\n$/],
    [["config", "check", "--port", "4444"], 0, /port +4444 +command line/, /^$/],
    [["fly"], 64, /^$/, /^sluice: there is no command "fly"; see sluice --help\n$/],
    [["config", "check"], 0, /port +3000 +default[\s\S]*This configuration is valid/, /^$/],
    [["config", "check", "missing.json"], 78, /^$/, /missing\.json cannot be read/],
    [["models", "reset"], 0, /Nothing to reset/, /^$/],
  ])("%j", async (words, code, out, err) => {
    const run = cli(words);
    expect((await run.ended).code).toBe(code);
    expect(run.out).toMatch(out);
    expect(run.err).toMatch(err);
  });
});
