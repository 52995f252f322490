import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Identity, memoryStore } from "@sluice/core";
import { fakeClock, hasRedis, type RedisServer, redisServer } from "@sluice/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import WebSocket from "ws";
import { type Place, terminals } from "./place.js";

const SESSIONS = "/v1/terminal/sessions";
const PROTOCOL = "sluice.terminal.v1";
const SECRET = "an adequately long secret that instances share";
const WITHIN = { timeout: 30_000 };

const PEOPLE: Record<string, Identity> = {
  anna: { id: "anna", role: "operator" },
  ben: { id: "ben", role: "operator" },
};
const as = (name: string) => ({ authorization: name });

describe.skipIf(!hasRedis())(`instances on one Redis${hasRedis() ? "" : " (needs redis-server)"}`, () => {
  let redis: RedisServer;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    redis = await redisServer();
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
  });
  afterAll(() => redis.close());

  function instance(jwtSecret = SECRET): Promise<Place> {
    return terminals({
      redis: redis.url,
      mode: "production",
      auth: { jwtSecret },
      terminal: { mode: "authenticated" },
      identify: (request) => PEOPLE[request.headers.get("authorization") ?? ""] ?? null,
    });
  }

  async function two(): Promise<readonly [here: Place, there: Place, at: string]> {
    const [here, there] = [await instance(), await instance()];
    const { body } = await there.call("POST", SESSIONS, { type: "local" }, as("anna"));
    return [here, there, `/v1/terminal/${(body as unknown as { session: { id: string } }).session.id}`];
  }

  it("answer each other's calls, by every route of a terminal", async () => {
    const [here, there, at] = await two();
    const call = (method: string, path: string, body?: object) => here.call(method, `${at}${path}`, body, as("anna"));
    expect(await call("POST", "/execute", { command: "cd /usr; x=kept; echo out; echo err >&2; (exit 3)" })).toEqual({
      status: 200,
      body: { result: { stdout: "out\n", stderr: "err\n", exitCode: 3 } },
    });
    const straight = await there.call("POST", `${at}/execute`, { command: "echo $x $PWD" }, as("anna"));
    expect(straight.body).toMatchObject({ result: { stdout: "kept /usr\n" } });
    expect(await call("POST", "/execute", { command: "tr a-z A-Z", stdin: "abc" })).toMatchObject({
      body: { result: { stdout: "ABC" } },
    });
    expect((await call("GET", "")).body).toMatchObject({ session: { state: "ready", owner: "anna", cwd: "/usr" } });
    expect((await call("GET", "/executions/1")).body).toMatchObject({ execution: { phase: "done" } });
    expect(await call("POST", "/resize", { cols: 90, rows: 20 })).toEqual({ status: 200, body: { success: true } });
    await call("POST", "/send", { data: "stty size\n" });
    const seen = async () => JSON.stringify((await call("GET", "/output?cursor=0")).body);
    await expect.poll(seen, WITHIN).toContain("20 90");
    expect((await call("POST", "/restart", {})).status).toBe(200);
    expect((await call("DELETE", "")).status).toBe(200);
    expect((await call("GET", "")).status).toBe(404);
    expect((await there.call("GET", at, undefined, as("anna"))).status).toBe(404);
  });

  it("tell what is wrong with a call as the terminal's own instance does", async () => {
    const [here, there, at] = await two();
    for (const [method, path, body] of [
      ["POST", "/execute", {}],
      ["POST", "/execute", { command: "true", cwd: "" }],
      ["POST", "/execute", { command: "true", env: { OPENAI_API_KEY: "x" } }],
      ["GET", "/executions/9", undefined],
      ["GET", "/output?cursor=999999999", undefined],
    ] as const) {
      const [mine, theirs] = [here, there].map((each) => each.call(method, `${at}${path}`, body, as("anna")));
      expect([path, await mine]).toEqual([path, await theirs]);
    }
  });

  it("list every instance's terminals to whom they belong, and show nobody else's", async () => {
    const [here, there, at] = await two();
    const own = await here.call("POST", SESSIONS, { type: "local" }, as("anna"));
    const ids = async (place: Place, name: string) => {
      const { sessions } = (await place.call("GET", SESSIONS, undefined, as(name))).body as unknown as {
        sessions: { id: string; connected: boolean }[];
      };
      return sessions.map(({ id, connected }) => [id, connected]);
    };
    const both = [
      [at.split("/").at(-1), true],
      [(own.body as unknown as { session: { id: string } }).session.id, true],
    ];
    expect(await ids(here, "anna")).toEqual(both);
    expect(await ids(there, "anna")).toEqual(both);
    expect(await ids(here, "ben")).toEqual([]);
    for (const [method, path] of [
      ["GET", ""],
      ["POST", "/execute"],
      ["DELETE", ""],
    ] as const) {
      const answer = await here.call(method, `${at}${path}`, path ? { command: "id" } : undefined, as("ben"));
      expect(answer.status).toBe(404);
    }
    expect((await here.call("GET", at)).status).toBe(401);
  });

  it("carry large answers whole, and streams as they come", async () => {
    const [here, , at] = await two();
    const large = await here.call(
      "POST",
      `${at}/execute`,
      { command: "yes ä | head -c 3000000", maxOutputBytes: 4_000_000 },
      as("anna"),
    );
    expect((large.body as unknown as { result: { stdout: string } }).result.stdout).toBe("ä\n".repeat(1_000_000));
    const response = await fetch(`${here.url}${at}/execute?stream=1`, {
      method: "POST",
      headers: { "content-type": "application/json", ...as("anna") },
      body: JSON.stringify({
        command: "d=$(mktemp -d); mkfifo $d/go; echo $d; read x <$d/go; seq 300000; rm -r $d; exit 7",
      }),
    });
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes("\\n")) text += (await reader?.read())?.value ?? "";
    const [, folder] = /"data":"(.*?)\\n"/.exec(text) ?? [];
    writeFileSync(`${folder}/go`, "x\n"); // it came before the command went on
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true };
      if (done) break;
      text += value;
    }
    const events = text.trim().split("\n\n");
    expect(events.at(-1)).toMatch(/^event: exit\ndata: \{"exitCode":7/);
    const output = events.slice(0, -1).map((event) => JSON.parse(event.split("data: ")[1] ?? "").data);
    expect(output.join("").split("\n")).toHaveLength(300_002);
  });

  it("stop a command whose caller leaves", async () => {
    const [here, there, at] = await two();
    const leaving = new AbortController();
    const left = fetch(`${here.url}${at}/execute`, {
      method: "POST",
      headers: { "content-type": "application/json", ...as("anna") },
      body: JSON.stringify({ command: "sleep 60" }),
      signal: leaving.signal,
    });
    const state = async () => (await there.gateway.terminals.list())[0]?.detail().state;
    await expect.poll(state, WITHIN).toBe("busy");
    leaving.abort();
    await expect(left).rejects.toThrow();
    await expect.poll(state, WITHIN).toBe("ready");
  });

  it("attach a person, by header or ticket, both ways", async () => {
    const [here, there, at] = await two();
    const { ticket } = (await here.call("POST", `${at}/ticket`, {}, as("anna"))).body as unknown as { ticket: string };
    const url = `${here.url.replace("http", "ws")}${at}/attach`;
    for (const open of [
      () => new WebSocket(url, [PROTOCOL], { headers: as("anna") }),
      () => new WebSocket(url, [PROTOCOL, `ticket.${ticket}`]),
    ]) {
      const socket = open();
      let text = "";
      let closed: number | null = null;
      socket.on("message", (data: Buffer, isBinary) => {
        text += isBinary ? data.subarray(8).toString() : "";
        if (isBinary) socket.send(JSON.stringify({ t: "ack", offset: Number(data.readBigUInt64BE()) }));
      });
      socket.on("close", (code) => {
        closed = code;
      });
      await once(socket, "open");
      socket.send(JSON.stringify({ t: "hello", cols: 77, rows: 22 }));
      socket.send(Buffer.from("stty size; seq 20000; echo over-$((1 + 1))\n"), { binary: true });
      await expect.poll(() => text.includes("over-2"), WITHIN).toBe(true);
      expect(text).toContain("22 77");
      expect(text).toContain("19999\r\n20000\r\n");
      socket.close();
      await expect.poll(() => closed, WITHIN).not.toBeNull();
    }
    expect(await upgradeStatus(url, [PROTOCOL, `ticket.${ticket}`])).toBe(401); // used
    const last = new WebSocket(url, [PROTOCOL], { headers: as("anna") });
    await once(last, "open");
    last.send(JSON.stringify({ t: "hello" }));
    await once(last, "message");
    const closing = once(last, "close");
    await there.call("DELETE", at, undefined, as("anna"));
    expect((await closing)[0]).toBe(4404);
  });

  it("send away who is attached at one to a terminal of another, within a minute of his credential's end", async () => {
    const clock = fakeClock();
    const store = memoryStore();
    const place = () =>
      terminals({
        clock,
        store,
        redis: redis.url,
        mode: "production",
        auth: { jwtSecret: SECRET },
        terminal: { mode: "authenticated" },
        limits: { perIp: null },
      });
    const there = await place();
    const { secret, key } = await there.gateway.keys.create({ scopes: ["terminal:local"] });
    const other = await there.gateway.keys.create({ scopes: ["terminal:local"] });
    const here = await place();
    // Before `terminals` closes them, which takes time that only this test moves.
    onTestFinished(async () => {
      await Promise.all([here, there].map(({ gateway }) => clock.advanceUntil(gateway.close())));
    });
    const attached = async (credential: string, byTicket: boolean) => {
      const headers = { authorization: `Bearer ${credential}` };
      const opened = await there.call("POST", SESSIONS, { type: "local" }, headers);
      const at = `/v1/terminal/${(opened.body as unknown as { session: { id: string } }).session.id}`;
      const { ticket } = (await here.call("POST", `${at}/ticket`, {}, headers)).body as unknown as { ticket: string };
      const url = `${here.url.replace("http", "ws")}${at}/attach`;
      const socket = byTicket
        ? new WebSocket(url, [PROTOCOL, `ticket.${ticket}`])
        : new WebSocket(url, [PROTOCOL], { headers });
      let code: number | null = null;
      socket.on("close", (given) => {
        code = given;
      });
      await once(socket, "open");
      socket.send(JSON.stringify({ t: "hello" }));
      await once(socket, "message");
      return () => code;
    };
    const [byHeader, byTicket, stays] = [
      await attached(secret, false),
      await attached(secret, true),
      await attached(other.secret, true),
    ];
    const pass = async () => {
      for (let seconds = 0; seconds < 61; seconds++) {
        await clock.advanceAsync(1_000);
        // Once these are answered, Redis has answered everything that either has asked before.
        for (const each of [here, there])
          await each.call("GET", SESSIONS, undefined, { authorization: `Bearer ${other.secret}` });
      }
    };
    await pass();
    expect([byHeader(), byTicket(), stays()]).toEqual([null, null, null]);
    await there.gateway.keys.delete(key.id);
    await pass();
    await expect.poll(() => [byHeader(), byTicket()], WITHIN).toEqual([4401, 4401]);
    expect(stays()).toBeNull();
  }, 60_000);

  it("show the terminals of one that was killed as closed, and let nobody wait for it", async () => {
    const here = await instance();
    const { child, id } = await elsewhere(redis.url);
    children.push(child);
    const at = `/v1/terminal/${id}`;
    const call = (method: string, path: string, body?: object) => here.call(method, `${at}${path}`, body, as("anna"));
    expect((await call("POST", "/execute", { command: "echo there" })).body).toMatchObject({
      result: { stdout: "there\n" },
    });
    const waiting = call("POST", "/execute", { command: "sleep 600", timeoutMs: 600_000 });
    const socket = new WebSocket(`${here.url.replace("http", "ws")}${at}/attach`, [PROTOCOL], { headers: as("anna") });
    await once(socket, "open");
    const closed = once(socket, "close");
    child.kill("SIGKILL");
    expect(await waiting).toMatchObject({ status: 409, body: { details: expect.stringContaining("ended") } });
    expect((await closed)[0]).toBe(1001);
    expect((await call("GET", "")).body).toMatchObject({ session: { connected: false, state: "closed" } });
    const { body } = await here.call("GET", SESSIONS, undefined, as("anna"));
    expect((body as unknown as { sessions: object[] }).sessions).toContainEqual(
      expect.objectContaining({ id, connected: false }),
    );
    expect((await call("POST", "/execute", { command: "true" })).status).toBe(409);
    expect((await call("DELETE", "")).status).toBe(200);
    expect((await call("GET", "")).status).toBe(404);
  }, 120_000);

  it("with another secret know nothing of each other, and whoever can write into Redis commands nobody", async () => {
    const [, there, at] = await two();
    const stranger = await instance("another secret, of another gateway on this Redis");
    expect((await stranger.call("GET", at, undefined, as("anna"))).status).toBe(404);
    expect((await stranger.call("GET", SESSIONS, undefined, as("anna"))).body).toEqual({ sessions: [] });
    const channels = (await redis.command("PUBSUB", "CHANNELS", "sluice:mail:*")).match(/sluice:mail:\w+/g) ?? [];
    expect(channels.length).toBeGreaterThan(1);
    const call = { operationId: "executeInTerminal", params: { id: at.split("/").at(-1) }, body: { command: "id" } };
    for (const channel of channels) {
      await redis.command("PUBLISH", channel, JSON.stringify({ t: "call", id: "x", from: "y", call }));
      await redis.command("PUBLISH", channel, "nonsense");
    }
    expect((await there.call("GET", `${at}/executions/1`, undefined, as("anna"))).status).toBe(404);
  });

  it("say that they cannot tell while Redis is away, and go on with their own", async () => {
    const own = await redisServer();
    const place = () =>
      terminals({
        redis: own.url,
        mode: "production",
        auth: { jwtSecret: SECRET },
        terminal: { mode: "authenticated" },
        identify: () => PEOPLE.anna ?? null,
      });
    const [here, there] = [await place(), await place()];
    const [mine, theirs] = [await here.open(), await there.open()];
    await own.close();
    expect((await here.call("POST", `${mine}/execute`, { command: "echo on" })).body).toMatchObject({
      result: { stdout: "on\n" },
    });
    expect((await here.call("GET", theirs)).status).toBe(503);
    const opened = await here.call("POST", SESSIONS, { type: "local" });
    expect(opened.status).toBe(201);
    const { sessions } = (await here.call("GET", SESSIONS)).body as unknown as { sessions: object[] };
    expect(sessions).toHaveLength(2);
  });
});

/** An instance in a process of its own, with a terminal of anna's. */
async function elsewhere(url: string): Promise<{ child: ChildProcess; id: string }> {
  const built = fileURLToPath(new URL("../../../core/dist/index.js", import.meta.url));
  const code = `
    const { Gateway } = await import(${JSON.stringify(built)});
    const gateway = new Gateway({
      redis: ${JSON.stringify(url)},
      auth: { jwtSecret: ${JSON.stringify(SECRET)} },
      terminal: { shells: ["/bin/bash"], env: { HOME: "/" } },
    });
    const identity = { id: "anna", role: "operator" };
    const session = await gateway.terminals.open({ type: "local" }, { identity });
    console.log(session.id);
    setInterval(() => {}, 1000);
  `;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", code], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  return { child, id: said.toString().trim() };
}

function upgradeStatus(url: string, protocols: string[]): Promise<number> {
  const socket = new WebSocket(url, protocols);
  socket.on("error", () => {});
  return new Promise((resolve) => {
    socket.once("open", () => resolve(101));
    socket.once("unexpected-response", (_request, { statusCode }) => resolve(statusCode ?? 0));
  });
}
