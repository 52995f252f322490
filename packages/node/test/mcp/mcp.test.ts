import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { Gateway, type GatewayConfigInput, type GatewayOptions } from "@sluice/core";
import { type Serving, serve } from "@sluice/node";
import { fakeClock } from "@sluice/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const SECRET = "an adequately long secret for tokens of tests";

let folder: string;
let clean: (() => Promise<unknown>)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mcp-"));
});
afterEach(async () => {
  for (const each of clean.reverse()) await each();
  clean = [];
  rmSync(folder, { recursive: true });
});

interface Place {
  readonly gateway: Gateway;
  readonly serving: Serving;
  readonly url: URL;
}

async function place(mcp: GatewayConfigInput["mcp"], options: GatewayOptions = {}): Promise<Place> {
  const terminal: GatewayOptions["terminal"] = { mode: "loopback", shells: ["/bin/bash"], env: { HOME: "/" } };
  const gateway = new Gateway({
    ...options,
    terminal: { ...terminal, ...options.terminal },
    mcp: { enabled: true, ...mcp },
  });
  const serving = await serve(gateway, { host: "127.0.0.1", port: 0, drain: { acceptMs: 0, finishMs: 0 } });
  clean.push(() => serving.close());
  return { gateway, serving, url: new URL("/v1/mcp", serving.url) };
}

interface Connected {
  readonly client: Client;
  readonly transport: StreamableHTTPClientTransport;
  /** Calls a tool; gives what it says as a value. */
  call(name: string, input?: Record<string, unknown>): Promise<Record<string, unknown>>;
}

type Decide = (question: string) => string | null;

async function connect(url: URL, { token, decide }: { token?: string; decide?: Decide } = {}): Promise<Connected> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const transport = new StreamableHTTPClientTransport(url, { requestInit: { headers } });
  const client = new Client({ name: "test", version: "1" }, { capabilities: decide ? { elicitation: {} } : {} });
  if (decide) {
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
      const decision = decide(params.message);
      return decision === null ? { action: "decline" } : { action: "accept", content: { decision } };
    });
  }
  await client.connect(transport);
  clean.push(() => client.close());
  return {
    client,
    transport,
    async call(name, input = {}) {
      const { content, structuredContent, isError } = await client.callTool({ name, arguments: input });
      const [first] = content as { text: string }[];
      return { ...(structuredContent as object), isError, shown: first?.text };
    },
  };
}

const LOCAL = () => ({ local: { type: "local" as const, cwd: folder } });

async function names({ client }: Connected): Promise<string[]> {
  return (await client.listTools()).tools.map(({ name }) => name);
}

describe("over HTTP, the SDK's own client", () => {
  it("finds the models, as tools and as a resource, and asks one", async () => {
    const { url, gateway } = await place({});
    const connected = await connect(url);
    expect(connected.client.getServerVersion()?.name).toBe("sluice");
    expect(await names(connected)).toEqual(["list_models", "chat"]);
    const ids = (await gateway.models.list()).map(({ id }) => id);
    const { models } = await connected.call("list_models");
    expect((models as { id: string }[]).map(({ id }) => id)).toEqual(ids);
    const { contents } = await connected.client.readResource({ uri: "sluice://models" });
    expect(JSON.parse((contents[0] as { text: string }).text)).toEqual({ models });
    expect(await connected.call("chat", { prompt: "Hello MCP", system: "x" })).toMatchObject({
      isError: false,
      shown: expect.stringContaining("Hello MCP"),
      usage: { total_tokens: expect.any(Number) },
    });
    expect(await connected.call("chat", { prompt: "x", model: "nobody" })).toMatchObject({ isError: true });
    expect(await connected.call("chat", {})).toMatchObject({ isError: true });
    await expect(connected.client.callTool({ name: "terminal_execute", arguments: { command: "id" } })).rejects.toThrow(
      "no tool",
    );
    await expect(connected.client.readResource({ uri: "file:///etc/passwd" })).rejects.toThrow("no resource");
  });

  it("runs what a rule allows, and keeps its terminal from call to call", async () => {
    const { url, gateway } = await place({ terminals: LOCAL(), allow: ["pwd", "uname"], approval: "client" });
    const connected = await connect(url);
    expect(await names(connected)).toContain("terminal_execute");
    expect(await connected.call("terminal_execute", { command: "pwd" })).toMatchObject({ stdout: `${folder}\n` });
    await connected.call("terminal_execute", { command: "cd /usr; x=kept" });
    expect(await connected.call("terminal_execute", { command: "echo $x; pwd" })).toMatchObject({
      stdout: "kept\n/usr\n",
    });
    const { data } = await gateway.audit.list({});
    const rows = data.filter(({ action }) => action === "agent.command").map(({ details }) => details);
    expect(rows).toContainEqual(expect.objectContaining({ command: "pwd", decision: "rule", by: "pwd" }));
    expect(rows).toContainEqual(expect.objectContaining({ command: "cd /usr; x=kept", decision: "person" }));
  });

  it("opens more sessions, of what is named, and closes them", async () => {
    const { url, gateway } = await place({ terminals: LOCAL(), approval: "client", budget: { sessions: 2 } });
    const connected = await connect(url);
    const { tools } = await connected.client.listTools();
    const hints = (tool: string) => tools.find(({ name }) => name === tool)?.annotations;
    expect(hints("terminal_open")).toEqual({ readOnlyHint: false, destructiveHint: false, openWorldHint: true });
    expect(hints("terminal_close")).toEqual({ readOnlyHint: false, destructiveHint: true, openWorldHint: true });
    const { session } = await connected.call("terminal_open", { type: "local" });
    await connected.call("terminal_execute", { command: "x=two", session });
    await connected.call("terminal_execute", { command: "x=one" });
    const run = await connected.call("terminal_execute", { command: "echo $x", session });
    expect(run).toMatchObject({ session: "local-2", stdout: "two\n" });
    expect(await gateway.terminals.list()).toHaveLength(2);
    expect(await connected.call("terminal_open", { type: "local" })).toMatchObject({ isError: true });
    const wrong = { type: "ssh", host: "10.0.0.1", username: "root", password: "x" };
    expect(await connected.call("terminal_open", wrong)).toMatchObject({ isError: true });
    expect(await connected.call("terminal_close", { session })).toMatchObject({ closed: true, isError: false });
    expect(await gateway.terminals.list()).toHaveLength(1);
  });

  it("asks its person about the rest, who says yes, yes for good, or no", async () => {
    const { url } = await place({ terminals: LOCAL() });
    const asked: string[] = [];
    let decision: string | null = "once";
    const connected = await connect(url, {
      decide: (question) => {
        asked.push(question);
        return decision;
      },
    });
    const run = (command: string) => connected.call("terminal_execute", { command });
    expect(await run("echo a")).toMatchObject({ stdout: "a\n", isError: false });
    expect(asked).toEqual([expect.stringMatching(new RegExp(`in ${folder}.*\n\necho a$`))]);
    for (const no of ["deny", null, "whatever"]) {
      decision = no;
      expect(await run("touch ran")).toMatchObject({ isError: true, error: expect.stringContaining("not allowed") });
    }
    expect(readdirSync(folder)).toEqual([]);
    decision = "conversation";
    await run("echo b");
    await run("echo b");
    expect(asked).toHaveLength(5);
  });

  it("that cannot ask gets a no; so does everybody where the policy says never", async () => {
    const { url } = await place({ terminals: LOCAL() });
    expect(await (await connect(url)).call("terminal_execute", { command: "touch ran" })).toMatchObject({
      isError: true,
    });
    const never = await place({ terminals: LOCAL(), approval: "never", deny: ["^rm"] });
    const connected = await connect(never.url, { decide: () => "once" });
    expect(await connected.call("terminal_execute", { command: "touch ran" })).toMatchObject({ isError: true });
    expect(readdirSync(folder)).toEqual([]);
  });

  it("leaves a transcript of its session where one is asked for, and sees no key of the gateway's", async () => {
    const transcripts = join(folder, "transcripts");
    const apiKey = "a-key-of-no-known-shape-0123";
    const options = { providers: { openai: { apiKey } } };
    const { url } = await place({ terminals: LOCAL(), transcripts, allow: ["uname"] }, options);
    const connected = await connect(url, { decide: () => "conversation" });
    await connected.call("terminal_execute", { command: "uname" });
    const { stdout } = await connected.call("terminal_execute", { command: `echo "[${apiKey}]"` });
    expect(stdout).toBe("[[redacted]]\n");
    await connected.transport.terminateSession();
    const [file = ""] = readdirSync(transcripts);
    const text = readFileSync(join(transcripts, file), "utf8");
    const rows = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(rows.map(({ event, decision, by }) => [event, decision, by].filter(Boolean).join(" "))).toEqual([
      "open",
      "decision rule uname",
      "end",
      "decision person elicitation",
      "end",
      "close",
    ]);
    expect(text).not.toContain(apiKey);
  });

  it("stops a command by cancelling its call", async () => {
    const { url, gateway } = await place({ terminals: LOCAL(), approval: "client" });
    const { client } = await connect(url);
    const leaving = new AbortController();
    const running = client.callTool(
      { name: "terminal_execute", arguments: { command: "echo $$; sleep 60" } },
      undefined,
      { signal: leaving.signal },
    );
    running.catch(() => {});
    const state = async () => (await gateway.terminals.list())[0]?.detail().state;
    await expect.poll(state, { timeout: 20_000 }).toBe("busy");
    leaving.abort();
    await expect(running).rejects.toThrow();
    await expect.poll(state, { timeout: 20_000 }).toBe("ready");
  });

  it("ends its terminals with its session", async () => {
    const { url, gateway } = await place({ terminals: LOCAL(), approval: "client" });
    const { call, transport } = await connect(url);
    await call("terminal_execute", { command: "sleep 60", background: true });
    expect(await gateway.terminals.list()).toHaveLength(1);
    await transport.terminateSession();
    expect(await gateway.terminals.list()).toEqual([]);
  });
});

describe("the route", () => {
  const post = (url: URL, body: unknown, headers: Record<string, string> = {}) =>
    fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json, text/event-stream", ...headers },
      body: JSON.stringify(body),
    });
  const ping = { jsonrpc: "2.0", id: 1, method: "ping" };

  it("is closed unless it is switched on", async () => {
    const { url } = await place({ enabled: false });
    const answer = await post(url, ping);
    expect([answer.status, await answer.json()]).toEqual([
      403,
      expect.objectContaining({ details: expect.stringContaining("mcp.enabled") }),
    ]);
  });

  it.each<[string, number, unknown, Record<string, string>]>([
    ["no session", 400, ping, {}],
    ["a session that is not there", 404, ping, { "mcp-session-id": "mcp-0" }],
    ["no JSON-RPC", 400, { hello: 1 }, {}],
    ["a form", 415, ping, { "content-type": "text/plain" }],
    ["a foreign page", 403, ping, { origin: "https://evil.example" }],
  ])("refuses %s with %d", async (_what, status, body, headers) => {
    const { url } = await place({});
    const answer = await post(url, body, headers);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toHaveProperty("error");
  });

  it("answers a GET and a DELETE without a session with 400", async () => {
    const { url } = await place({});
    for (const method of ["GET", "DELETE"]) expect((await fetch(url, { method })).status).toBe(400);
  });
});

it("rules that could allow anything are refused when the gateway is made", () => {
  expect(() => new Gateway({ mcp: { allow: ["bash -c x"] } })).toThrow(/^Gateway options: mcp\.allow/);
  expect(() => new Gateway({ mcp: { deny: ["("] } })).toThrow(/^Gateway options: mcp\.deny/);
});

describe("in production", () => {
  async function production() {
    const at = await place(
      { terminals: LOCAL(), approval: "client" },
      {
        mode: "production",
        auth: { jwtSecret: SECRET },
        terminal: { mode: "authenticated" },
      },
    );
    const key = async (name: string, scopes: ("chat" | "terminal:local")[]) =>
      (await at.gateway.keys.create({ name, scopes })).secret;
    return { ...at, key };
  }

  it("asks for a credential, as every route does", async () => {
    const { url } = await production();
    await expect(connect(url)).rejects.toThrow(/Authentication required/);
  });

  it("shows terminals to those who may open them", async () => {
    const { url, key } = await production();
    expect(await names(await connect(url, { token: await key("chat", ["chat"]) }))).toEqual(["list_models", "chat"]);
    const connected = await connect(url, { token: await key("both", ["chat", "terminal:local"]) });
    expect(await names(connected)).toContain("terminal_execute");
    expect(await connected.call("terminal_execute", { command: "echo hi" })).toMatchObject({ stdout: "hi\n" });
  });

  it("lets nobody into somebody else's session", async () => {
    const { url, key } = await production();
    const { transport } = await connect(url, { token: await key("one", ["chat", "terminal:local"]) });
    const stranger = await key("two", ["chat", "terminal:local"]);
    const headers = {
      authorization: `Bearer ${stranger}`,
      "mcp-session-id": transport.sessionId ?? "",
      accept: "text/event-stream",
    };
    for (const method of ["GET", "DELETE"]) expect((await fetch(url, { method, headers })).status).toBe(404);
  });

  it("ends a session's rights with its key", async () => {
    const { url, key, gateway } = await production();
    const connected = await connect(url, { token: await key("one", ["chat"]) });
    for (const { id } of await gateway.keys.list()) await gateway.keys.delete(id);
    await expect(connected.client.listTools()).rejects.toThrow(/Authentication required/);
  });
});

it("has no terminals for callers who are not on this machine, also in a session that has some", async () => {
  const { url } = await place({ terminals: LOCAL(), approval: "client" });
  const { transport } = await connect(url);
  const list = { jsonrpc: "2.0", id: 9, method: "tools/list" };
  const headers = {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    "x-forwarded-for": "203.0.113.7",
  };
  const send = (body: unknown, more: Record<string, string>) =>
    fetch(url, { method: "POST", headers: { ...headers, ...more }, body: JSON.stringify(body) });
  expect((await send(list, { "mcp-session-id": transport.sessionId ?? "" })).status).toBe(403);
  const initialize = {
    jsonrpc: "2.0",
    id: 1,
    method: "initialize",
    params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "x", version: "1" } },
  };
  const opened = await send(initialize, {});
  const session = opened.headers.get("mcp-session-id") ?? "";
  await opened.text();
  expect(await (await send(list, { "mcp-session-id": session })).text()).not.toContain("terminal_");
});

it("ends a session that nobody has used for half an hour, with its terminals", async () => {
  const clock = fakeClock();
  const { url, gateway } = await place(
    { terminals: LOCAL(), approval: "client" },
    { clock, terminal: { idleTimeoutMs: 36_000_000 } },
  );
  const send = (body: object, session = "") =>
    fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        ...(session ? { "mcp-session-id": session } : {}),
      },
      body: JSON.stringify({ jsonrpc: "2.0", ...body }),
    });
  const opened = await send({
    id: 1,
    method: "initialize",
    params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "x", version: "1" } },
  });
  const session = opened.headers.get("mcp-session-id") ?? "";
  await opened.text();
  const ran = await send(
    { id: 2, method: "tools/call", params: { name: "terminal_execute", arguments: { command: "echo hi" } } },
    session,
  );
  expect(await ran.text()).toContain("hi\\\\n");
  await clock.advanceAsync(29 * 60_000);
  expect((await send({ id: 3, method: "ping" }, session)).status).toBe(200);
  await clock.advanceAsync(29 * 60_000);
  expect(await gateway.terminals.list()).toHaveLength(1);
  await clock.advanceAsync(3 * 60_000);
  expect((await send({ id: 4, method: "ping" }, session)).status).toBe(404);
  await expect.poll(async () => (await gateway.terminals.list()).length).toBe(0);
  await clock.advanceUntil(gateway.close());
});
