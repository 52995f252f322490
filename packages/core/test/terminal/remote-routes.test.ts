import type { Gateway, GatewayOptions, Identity, Logger } from "@sluice/core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type Call, callable } from "../http/call.js";
import { type ScriptedServer, scriptedServer } from "./scripted-server.js";
import { makeKey, noSshServer, type SshServer, startSshServer } from "./ssh-server.js";
import { type TestUser, testUser } from "./test-user.js";

type TerminalOptions = NonNullable<GatewayOptions["terminal"]>;

const ADMIN: Identity = { id: "ada", role: "admin" };
const OPERATOR: Identity = { id: "otto", role: "operator" };

let gateway: Gateway;
let call: Call;
let who: Identity;
let logged: string[];

function start(terminal: TerminalOptions): void {
  const log: Logger["info"] = (fields, message) => void logged.push(JSON.stringify(fields), String(message));
  const logger = { debug: log, info: log, warn: log, error: log };
  ({ gateway, call } = callable({
    terminal: { mode: "authenticated", allowHosts: ["127.0.0.1"], ...terminal },
    identify: () => who,
    logger,
  }));
}

beforeEach(() => {
  who = ADMIN;
  logged = [];
});
afterEach(() => gateway.close());

interface Session {
  readonly id: string;
  readonly connected: boolean;
}

async function opened(json: object): Promise<Session> {
  const { status, body } = await call("POST /v1/terminal/sessions", { json });
  expect([status, body]).toEqual([201, { session: expect.objectContaining({ connected: true }) }]);
  return (body as { session: Session }).session; // the schema has been checked
}

/** Polls as the reference says, until the text has come. */
async function until(id: string, text: string | RegExp): Promise<string> {
  let seen = "";
  await vi.waitFor(
    async () => {
      const { body } = await call(`GET /v1/terminal/${id}/output`);
      seen += (body as { output: string[] }).output.join(""); // the schema has been checked
      expect(seen).toMatch(text);
    },
    { timeout: 10_000 },
  );
  return seen;
}

describe.skipIf(noSshServer !== null)(`SSH over HTTP${noSshServer ? ` (${noSshServer})` : ""}`, () => {
  const key = makeKey();
  let server: SshServer;
  let user: TestUser;

  beforeAll(async () => {
    user = testUser();
    server = await startSshServer({ authorized: [key] });
  });
  afterAll(async () => {
    await server.stop();
    user.remove();
  });

  const login = () => ({ host: "127.0.0.1", port: server.port, username: user.name, password: user.password });

  it("creates, types, polls, executes and deletes as documented", async () => {
    start({ ports: [server.port] });
    const { body } = await call("POST /v1/terminal/sessions", { json: { type: "ssh", ...login() } });
    const session = {
      id: expect.stringMatching(/^term-\d{13}-[0-9a-z]{20,}$/),
      type: "ssh",
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      connected: true,
    };
    expect(body).toEqual({ session });
    const { id } = (body as { session: Session }).session; // compared above
    expect((await call("GET /v1/terminal/sessions")).body).toEqual({ sessions: [session] });
    await until(id, /\$ $/);
    const sent = await call(`POST /v1/terminal/${id}/send`, { json: { data: "echo $((20 + 22))-done\n" } });
    expect(sent.body).toEqual({ success: true });
    await until(id, "42-done");
    const executed = await call(`POST /v1/terminal/${id}/execute`, {
      json: { command: "echo out; echo err >&2; exit 7" },
    });
    expect(executed.body).toEqual({ result: { stdout: "out\n", stderr: "err\n", exitCode: 7 } });
    expect((await call(`DELETE /v1/terminal/${id}`)).body).toEqual({ success: true });
    expect((await call(`DELETE /v1/terminal/${id}`)).status).toBe(404);
    await vi.waitFor(() => expect(user.processes()).toEqual([]));
  });

  it("stops what takes too long, and goes on", async () => {
    start({ ports: [server.port] });
    const { id } = await opened({ type: "ssh", ...login() });
    const json = { command: "echo begun; sleep 4323; touch never", timeoutMs: 1_500 };
    const { status, body } = await call(`POST /v1/terminal/${id}/execute`, { json });
    expect(status).toBe(200);
    expect(body).toEqual({ result: expect.objectContaining({ stdout: "begun\n", exitCode: 124, timedOut: true }) });
    expect(user.processes().filter((line) => line.includes("4323"))).toEqual([]);
    const { body: after } = await call(`POST /v1/terminal/${id}/execute`, { json: { command: "ls" } });
    expect(after).toEqual({ result: { stdout: "", stderr: "", exitCode: 0 } });
  });

  it("is over when its shell is left", async () => {
    start({ ports: [server.port] });
    const { id } = await opened({ type: "ssh", ...login() });
    await until(id, /\$ $/);
    await call(`POST /v1/terminal/${id}/send`, { json: { data: "exit 5\n" } });
    await vi.waitFor(async () => {
      const { body } = await call(`GET /v1/terminal/${id}`);
      expect(body).toMatchObject({
        session: { connected: false, state: "closed", exit: { code: 5, reason: "exited" } },
      });
    });
    expect((await call(`POST /v1/terminal/${id}/execute`, { json: { command: "true" } })).status).toBe(409);
  });

  it("lists host keys, refuses a changed one with 409, and forgets one when an admin says so", async () => {
    start({ ports: [server.port] });
    await opened({ type: "ssh", ...login() });
    const id = `127.0.0.1:${server.port}`;
    const { fingerprint } = server.hostKey;
    expect((await call("GET /v1/terminal/hostkeys")).body).toEqual({
      hostKeys: [
        { id, host: "127.0.0.1", port: server.port, type: "ssh-ed25519", fingerprint, addedAt: expect.any(String) },
      ],
    });
    const { port } = server;
    await server.stop();
    server = await startSshServer({ authorized: [key], port });
    const refused = await call("POST /v1/terminal/sessions", { json: { type: "ssh", ...login() } });
    expect([refused.status, refused.body]).toEqual([409, { error: expect.any(String), details: expect.any(String) }]);
    const { details } = refused.body as { details: string }; // just compared
    expect(details).toContain(fingerprint);
    expect(details).toContain(server.hostKey.fingerprint);
    who = OPERATOR;
    expect((await call(`DELETE /v1/terminal/hostkeys/${id}`)).status).toBe(403);
    who = ADMIN;
    expect((await call(`DELETE /v1/terminal/hostkeys/${encodeURIComponent(id)}`)).body).toEqual({ success: true });
    expect((await call(`DELETE /v1/terminal/hostkeys/${id}`)).status).toBe(404);
    const { data } = await gateway.audit.list({ action: "terminal.hostkey.delete" });
    expect(data).toMatchObject([{ target: id, actor: { id: "ada" }, outcome: "ok" }]);
    expect(await gateway.terminals.hostKeys.list()).toEqual([]);
    await opened({ type: "ssh", ...login() });
  });

  it("answers wrong credentials with 502, and never writes a secret down", async () => {
    start({ ports: [server.port] });
    const json = { type: "ssh", ...login(), password: "canary-password" };
    const { status, body } = await call("POST /v1/terminal/sessions", { json });
    expect([status, body]).toEqual([502, { error: expect.any(String), details: expect.any(String) }]);
    await opened({ type: "ssh", ...login() });
    const { body: detail } = await call("GET /v1/terminal/sessions?detail=1");
    const written = logged.join("\n") + JSON.stringify([body, detail]);
    expect(written).toContain(server.hostKey.fingerprint);
    for (const secret of ["canary-password", user.password]) expect(written).not.toContain(secret);
  });

  it("opens a prepared connection by its name, and nothing else where only those are open", async () => {
    const { port } = server;
    const preset = { type: "ssh", host: "127.0.0.1", port, username: user.name, privateKey: key.privateKey } as const;
    start({ ports: [port], presets: { box: preset }, presetsOnly: true });
    const { id } = await opened({ type: "ssh", preset: "box" });
    const { body } = await call(`POST /v1/terminal/${id}/execute`, { json: { command: "id -un" } });
    expect(body).toMatchObject({ result: { stdout: `${user.name}\n` } });
    const open = async (json: object) => (await call("POST /v1/terminal/sessions", { json })).status;
    expect(await open({ type: "ssh", ...login() })).toBe(403);
    expect(await open({ type: "ssh", preset: "box", host: "127.0.0.1" })).toBe(400);
    expect(await open({ type: "ssh", preset: "nobox" })).toBe(400);
    expect(await open({ type: "telnet", preset: "box" })).toBe(400);
  });

  it("opens a connection that was prepared while the gateway runs, until it is taken away", async () => {
    const { port } = server;
    start({ ports: [port] });
    const json = { id: "box", type: "ssh", host: "127.0.0.1", port, username: user.name, password: user.password };
    expect((await call("POST /v1/terminal/presets", { json })).status).toBe(201);
    const run = async () => {
      const { id } = await opened({ type: "ssh", preset: "box" });
      const { body } = await call(`POST /v1/terminal/${id}/execute`, { json: { command: "id -un" } });
      expect(body).toMatchObject({ result: { stdout: `${user.name}\n` } });
    };
    await run();
    const keyed = { password: null, privateKey: key.privateKey };
    expect((await call("PATCH /v1/terminal/presets/box", { json: keyed })).status).toBe(200);
    await run();
    await call("DELETE /v1/terminal/presets/box");
    expect((await call("POST /v1/terminal/sessions", { json: { type: "ssh", preset: "box" } })).status).toBe(400);
    expect(logged.join("\n")).not.toContain(user.password);
  });
});

describe("Telnet over HTTP", () => {
  let host: ScriptedServer;

  beforeEach(async () => {
    host = await scriptedServer((socket) => {
      socket.write("ready\r\n> ");
      socket.on("data", (bytes) => socket.write(`heard ${bytes}`));
    });
  });
  afterEach(() => host.stop());

  it("creates, types, polls and deletes as documented", async () => {
    start({ ports: [host.port] });
    const { id } = await opened({ type: "telnet", host: "127.0.0.1", port: host.port });
    await until(id, "ready\r\n> ");
    await call(`POST /v1/terminal/${id}/send`, { json: { data: "ls\n" } });
    await until(id, "heard ls\n");
    const executed = await call(`POST /v1/terminal/${id}/execute`, { json: { command: "ls" } });
    expect(executed.status).toBe(400);
    expect((await call(`DELETE /v1/terminal/${id}`)).body).toEqual({ success: true });
    await vi.waitFor(() => expect(host.connections).toBe(0));
  });

  it.each([
    ["no host", { host: undefined }, 400],
    ["port 0", { port: 0 }, 400],
    ["a port in words", { port: "23" }, 400],
    ["port 70000", { port: 70_000 }, 400],
    ["a host that looks like an option", { host: "-oProxyCommand=x" }, 400],
    ["a host with a user", { host: "root@127.0.0.1" }, 400],
    ["a user name of two lines", { username: "a\nb" }, 400],
    ["a port that is not open", { port: 25 }, 403],
    ["cloud metadata", { host: "169.254.169.254" }, 403],
    ["another way to write loopback", { host: "0x7f.2" }, 403],
    ["an address that is unspecified", { host: "0.0.0.0" }, 403],
  ])("answers %s", async (_what, change, expected) => {
    start({ ports: [host.port] });
    const json = { type: "telnet", host: "127.0.0.1", port: host.port, ...change };
    expect((await call("POST /v1/terminal/sessions", { json })).status).toBe(expected);
    expect(host.connections).toBe(0);
  });

  it("answers a host that does not get ready with 504", async () => {
    start({ ports: [host.port], connectTimeoutMs: 300 });
    const json = { type: "telnet", host: "127.0.0.1", port: host.port, username: "me", password: "secret" };
    expect((await call("POST /v1/terminal/sessions", { json })).status).toBe(504);
    await vi.waitFor(() => expect(host.connections).toBe(0));
  });

  it("keeps private networks to admins", async () => {
    start({ ports: [host.port] });
    who = OPERATOR;
    const json = { type: "telnet", host: "10.255.255.1", port: host.port };
    expect((await call("POST /v1/terminal/sessions", { json })).status).toBe(403);
  });
});
