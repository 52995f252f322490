import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { Gateway, type Identity } from "@sluice/core";
import { describe, expect, it } from "vitest";
import { CALLS, type Place, terminals } from "./place.js";

const SESSIONS = "/v1/terminal/sessions";

/** An application with users of its own; who somebody is stands in a header. */
function withUsers(): Promise<Place> {
  const users: Readonly<Record<string, Identity>> = {
    anna: { id: "anna", role: "operator" },
    ben: { id: "ben", role: "operator" },
    viewer: { id: "viewer", role: "viewer" },
    local: { id: "local", role: "client", terminals: ["local"] },
    admin: { id: "admin", role: "admin" },
  };
  return terminals({
    terminal: { mode: "authenticated" },
    identify: (request) => users[request.headers.get("x-user") ?? ""] ?? null,
  });
}

const as = (user: string) => ({ "x-user": user });

describe("who may open a terminal", () => {
  it.each<[string, string, number]>([
    ["an operator, here", "anna", 201],
    ["an admin, here", "admin", 201],
    ["somebody with the right, here", "local", 201],
    ["a viewer", "viewer", 403],
    ["nobody", "nobody", 401],
  ])("%s: %s gets %d", async (_what, user, status) => {
    const { call } = await withUsers();
    expect((await call("POST", SESSIONS, { type: "local" }, as(user))).status).toBe(status);
  });

  it("the right to one kind is none to another", async () => {
    const { call } = await withUsers();
    const request = { type: "telnet", host: "example.com" };
    expect((await call("POST", SESSIONS, request, as("local"))).status).toBe(403);
  });

  it("where an identity is asked for, everybody on this machine is nobody", async () => {
    const { call } = await terminals({ terminal: { mode: "authenticated" } });
    expect((await call("POST", SESSIONS, { type: "local" })).status).toBe(401);
  });

  it("where they are off, the application itself may not either", async () => {
    const { call, gateway } = await terminals({ terminal: { mode: "off" } });
    expect((await call("POST", SESSIONS, { type: "local" })).status).toBe(403);
    await expect(gateway.terminals.open({ type: "local" })).rejects.toMatchObject({ code: "forbidden" });
  });
});

describe("somebody else's terminal", () => {
  it.each(CALLS)("%s %s is not found", async (method, path, body) => {
    const { call } = await withUsers();
    const opened = await call("POST", SESSIONS, { type: "local" }, as("anna"));
    const at = `/v1/terminal/${(opened.body as unknown as { session: { id: string } }).session.id}`;
    expect((await call(method, `${at}${path}`, body, as("ben"))).status).toBe(404);
    expect((await call("GET", SESSIONS, undefined, as("ben"))).body).toEqual({ sessions: [] });
    expect((await call("GET", at, undefined, as("admin"))).status).toBe(200);
  });
});

describe("on this machine alone", () => {
  it.each<[string, Record<string, string>]>([
    ["passed on by a proxy", { "x-forwarded-for": "127.0.0.1" }],
    ["passed on by a standard proxy", { forwarded: "for=10.0.0.1" }],
    ["passed on by another", { via: "1.1 proxy" }],
    ["from a page of another origin", { origin: "http://localhost:9" }],
    ["from a page of another site", { "sec-fetch-site": "cross-site" }],
  ])("a request %s is refused", async (_what, headers) => {
    const { call } = await terminals();
    expect((await call("POST", SESSIONS, { type: "local" }, headers)).status).toBe(403);
  });

  it("a server that listens everywhere has no terminals", async () => {
    const { Gateway } = await import("@sluice/core");
    const { serve } = await import("@sluice/node");
    const gateway = new Gateway({ terminal: { mode: "loopback" } });
    const serving = await serve(gateway, { host: "0.0.0.0", port: 0, drain: { acceptMs: 0, finishMs: 0 } });
    const { port } = new URL(serving.url);
    const response = await fetch(`http://127.0.0.1:${port}${SESSIONS}`);
    const body = await response.json();
    await serving.close();
    expect([response.status, body]).toEqual([403, { error: "Forbidden", details: expect.stringContaining("listens") }]);
  });

  const canBeNobody = process.getuid?.() === 0;
  it.skipIf(!canBeNobody)("another user of this machine has none", async () => {
    const { url } = await terminals();
    const { exitCode, stdout } = await asNobody(`
      fetch("${url}${SESSIONS}").then(async (r) => console.log(r.status, await r.text()));
    `);
    // The gateway runs as root here, and nobody is somebody else.
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^403 .*another user/)]);
  });
});

function linksOf(pid: number): readonly string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      return []; // closed meanwhile
    }
  });
}

async function asNobody(code: string): Promise<{ exitCode: number | null; stdout: string }> {
  const child = spawn(process.execPath, ["--eval", code], { uid: 65_534, gid: 65_534, cwd: "/", env: { HOME: "/" } });
  let stdout = "";
  child.stdout.on("data", (text) => {
    stdout += text;
  });
  const exitCode = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { exitCode, stdout };
}

describe("what a terminal can see", () => {
  it("has nothing of the gateway's environment", async () => {
    process.env.SLUICE_CANARY = "a key";
    const { gateway } = await terminals();
    const session = await gateway.terminals.open({ type: "local" });
    const { stdout } = await session.execute("env");
    delete process.env.SLUICE_CANARY;
    const names = stdout
      .trim()
      .split("\n")
      .map((line) => line.split("=")[0]);
    expect(names).not.toContain("SLUICE_CANARY");
    expect(names).toEqual(expect.arrayContaining(["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TERM"]));
  });

  it.each(["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "OPENROUTER_API_KEY", "SLUICE_MASTER_KEY"])(
    "is given no %s, neither when it is opened nor with a command, unless that is allowed",
    async (name) => {
      const env = { HARMLESS: "1", [name]: "sk-canary" };
      const { call, open } = await terminals();
      const at = await open();
      for (const answer of [
        await call("POST", SESSIONS, { type: "local", env }),
        await call("POST", `${at}/execute`, { command: "env", env }),
      ]) {
        expect(answer.status).toBe(400);
        expect(answer.body).toMatchObject({ details: expect.stringContaining(`env.${name}`) });
        expect(JSON.stringify(answer.body)).not.toContain("canary");
      }
      const allowing = await terminals({ terminal: { allowSecrets: true } });
      expect((await allowing.call("POST", SESSIONS, { type: "local", env })).status).toBe(201);
    },
  );

  it("is given no key of the gateway's own by whatever name, unless that is allowed", async () => {
    const apiKey = "a-key-of-no-known-shape-0123";
    const providers = { openai: { apiKey }, other: { type: "openai-compatible", baseUrl: "http://127.0.0.1:9/v1" } };
    const env = { HARMLESS: `x:${apiKey}` };
    const { call, open, gateway } = await terminals({ providers });
    const at = await open();
    for (const answer of [
      await call("POST", SESSIONS, { type: "local", env }),
      await call("POST", `${at}/execute`, { command: "env", env }),
    ]) {
      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject({ details: expect.stringContaining("env.HARMLESS") });
      expect(JSON.stringify(answer.body)).not.toContain(apiKey);
    }
    const changed = "another-key-of-no-known-shape";
    await gateway.providers.update("other", { apiKey: changed });
    expect((await call("POST", SESSIONS, { type: "local", env: { HARMLESS: changed } })).status).toBe(400);
    const allowing = await terminals({ providers, terminal: { allowSecrets: true } });
    expect((await allowing.call("POST", SESSIONS, { type: "local", env })).status).toBe(201);
  });

  it("starts with no key that the configuration puts there", () => {
    const options = (env: Record<string, string>, allowSecrets = false) => ({
      providers: { openai: { apiKey: "a-key-of-no-known-shape-0123" } },
      terminal: { env, allowSecrets },
    });
    const held = { HARMLESS: "a-key-of-no-known-shape-0123" };
    expect(() => new Gateway(options(held))).toThrow(/^Gateway options: terminal\.env\.HARMLESS: [^0-9]*$/);
    expect(() => new Gateway(options({ OPENAI_API_KEY: "x" }))).toThrow(/terminal\.env\.OPENAI_API_KEY/);
    const mcp = { terminals: { box: { type: "local" as const, env: held } } };
    expect(() => new Gateway({ ...options({}), mcp })).toThrow(/mcp\.terminals\.box\.env\.HARMLESS/);
    expect(() => new Gateway({ ...options(held, true), mcp })).not.toThrow();
  });

  it("has no descriptor of the gateway's, on its screen neither", async () => {
    const { gateway, open } = await terminals(); // its port is open, and so are the pipes of another terminal
    await open();
    const session = await gateway.terminals.open({ type: "local" });
    const list = "for fd in /proc/self/fd/*; do readlink $fd; done";
    // What this process was started with everybody has.
    const inherited = new Set(linksOf(process.ppid));
    const own = (links: string) =>
      links.split(/\r?\n/).filter((link) => /^(?:socket|pipe|anon_inode):|sluice/.test(link) && !inherited.has(link));
    const { stdout } = await session.execute(`sh -c '${list}'`);
    expect(own(stdout)).toEqual([expect.stringMatching(/\/p\d+$/), expect.stringMatching(/\/p\d+$/)]); // stdout, stderr
    await session.send(`sh -c '${list}'; echo over-$((1 + 1))\n`);
    const shown = async () => Buffer.from((await session.read({ cursor: 0 })).data).toString();
    await expect.poll(shown, { timeout: 15_000 }).toContain("over-2");
    expect(own(await shown())).toEqual([]);
  });

  it.skipIf(process.getuid?.() !== 0)("as another user cannot read it from the process either", async () => {
    const { gateway } = await terminals({ terminal: { runAs: { uid: 65_534, gid: 65_534 } } });
    const session = await gateway.terminals.open({ type: "local" });
    const { stdout, stderr } = await session.execute(`id -u; cat /proc/${process.pid}/environ`);
    expect([stdout, stderr]).toEqual(["65534\n", expect.stringContaining("Permission denied")]);
    await session.send("id -u; echo over-$((1 + 1))\n");
    await expect
      .poll(async () => Buffer.from((await session.read({ cursor: 0 })).data).toString())
      .toMatch(/65534\r\nover-2/);
  });
});

describe("the audit log", () => {
  it("has a row for each act, without secrets and control characters", async () => {
    const { gateway } = await terminals();
    const session = await gateway.terminals.open({ type: "local" });
    await session.execute("echo sk-1234567890abcdef PASSWORD=hunter2hunter2 \x1b[31m");
    await session.send("secret typing\n");
    session.resize({ cols: 90, rows: 20 });
    session.signal("INT");
    await session.restart();
    await session.close();
    const actions = async () => (await gateway.audit.list()).data.map(({ action }) => action).reverse();
    await expect
      .poll(actions)
      .toEqual(["open", "execute", "send", "resize", "signal", "restart", "delete"].map((each) => `terminal.${each}`));
    const text = JSON.stringify((await gateway.audit.list()).data);
    expect(text).not.toMatch(/sk-1234567890|hunter2|secret typing|\\u001b/);
  });
});

describe("an end", () => {
  it("freezes everything, and nothing is opened until it is over", async () => {
    const { gateway, call } = await terminals();
    const session = await gateway.terminals.open({ type: "local" });
    const running = session.execute("sleep 60", { timeoutMs: 60_000 });
    await gateway.terminals.freeze();
    expect(await running).toMatchObject({ aborted: true });
    expect((await call("POST", SESSIONS, { type: "local" })).status).toBe(403);
    await gateway.terminals.unfreeze();
    expect((await call("POST", SESSIONS, { type: "local" })).status).toBe(201);
  });

  it("of a screen that has only just begun is not waited for in vain, and a signal reaches nobody else", async () => {
    const { gateway } = await terminals();
    for (let round = 0; round < 10; round++) {
      const sessions = await Promise.all(Array.from({ length: 8 }, () => gateway.terminals.open({ type: "local" })));
      const each = sessions.map(async (session, nth) => {
        await session.send("typed at once\n");
        session.signal("INT");
        if (nth % 2 === 0) await session.restart();
        await session.close();
      });
      await Promise.all(each);
    }
    expect(await gateway.terminals.list()).toEqual([]);
  });

  it("of a terminal ends what runs in it, also in sessions of its own", async () => {
    const { gateway } = await terminals();
    const session = await gateway.terminals.open({ type: "local" });
    await session.execute("setsid sleep 61234 & (sleep 61235 &) ; trap '' HUP; sleep 61236 &");
    await session.send("sleep 61237\n");
    await expect.poll(() => sleepers()).toHaveLength(4);
    await session.close();
    expect(sleepers()).toEqual([]);
  });

  it("of the gateway by kill -9 ends what runs in its terminals", async () => {
    const child = crashing();
    await new Promise((resolve) => child.stdout?.once("data", resolve));
    await expect.poll(() => sleepers()).toHaveLength(3);
    child.kill("SIGKILL");
    await expect.poll(() => sleepers(), { timeout: 15_000 }).toEqual([]);
    const left = () => readdirSync(tmpdir()).filter((name) => name.startsWith(`sluice-${child.pid}-`));
    await expect.poll(left, { timeout: 15_000 }).toEqual([]);
  }, 60_000);
});

/** A gateway in a process of its own, with programs in its terminals. */
function crashing(): ChildProcess {
  const built = fileURLToPath(new URL("../../../core/dist/index.js", import.meta.url));
  const code = `
    const { Gateway } = await import(${JSON.stringify(built)});
    const gateway = new Gateway({ terminal: { shells: ["/bin/bash"], env: { HOME: "/" } } });
    const session = await gateway.terminals.open({ type: "local" });
    await session.execute("setsid sleep 61234 & (env -i sleep 61235 &)");
    session.execute("sleep 61236", { timeoutMs: 600000 });
    console.log("ready");
  `;
  return spawn(process.execPath, ["--input-type=module", "--eval", code], { stdio: ["ignore", "pipe", "inherit"] });
}

/** The sleeping programs of these tests that are still there. */
function sleepers(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0");
        return words[0] === "sleep" && /^6123\d$/.test(words[1] ?? "") ? [pid] : [];
      } catch {
        return [];
      }
    });
}
