import type { Gateway } from "@sluice/core";
import { type FakeClock, fakeClock } from "@sluice/testkit";
import { afterEach, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { type Place, terminals } from "./place.js";

const MINUTE = 60_000;
const PROTOCOL = "sluice.terminal.v1";

let places: { readonly clock: FakeClock; readonly gateway: Gateway }[] = [];

/** Ending a shell takes some time, which only the test moves. */
afterEach(async () => {
  await Promise.all(places.map(({ clock, gateway }) => clock.advanceUntil(gateway.close())));
  places = [];
});

/** A gateway whose time the test moves. */
async function timed(terminal: Parameters<typeof terminals>[0] = {}) {
  const clock = fakeClock();
  const place = await terminals({ clock, ...terminal });
  places.push({ clock, gateway: place.gateway });
  const open = async () => (await place.gateway.terminals.list()).length;
  /** Moves time on, to just after a sweep. */
  const pass = async (ms: number) => {
    await clock.advanceAsync(ms);
    await clock.advanceAsync(1_000);
  };
  return { ...place, clock, openNow: open, pass };
}

/** Connects a socket; resolves when it is open, or with the status it was refused with. */
function connect({ url }: Place, at: string, protocols: string[]): Promise<WebSocket | number> {
  const socket = new WebSocket(`${url.replace("http", "ws")}${at}/attach`, protocols);
  return new Promise((resolve) => {
    socket.once("open", () => resolve(socket));
    socket.once("unexpected-response", (_request, { statusCode }) => resolve(statusCode ?? 0));
    socket.once("error", () => {});
  });
}

describe("a terminal that nobody uses", () => {
  it("is closed after half an hour, with what it left in the background, and its row says so", async () => {
    const { gateway, call, openNow, pass } = await timed();
    const session = await gateway.terminals.open({ type: "local" });
    const { stdout } = await session.execute("sleep 60321 & echo $!");
    await pass(29 * MINUTE);
    expect(await openNow()).toBe(1);
    await pass(MINUTE);
    expect(await openNow()).toBe(0);
    expect((await call("GET", `/v1/terminal/${session.id}`)).status).toBe(404);
    await expect.poll(() => isAlive(Number(stdout)), { timeout: 15_000 }).toBe(false);
    const expired = async () =>
      (await gateway.audit.list({ action: "terminal.expire" })).data.map(({ target }) => target);
    await expect.poll(expired).toEqual([session.id]);
  });

  it("lives on with each use, by whichever route", async () => {
    const { call, open, openNow, pass } = await timed();
    const at = await open();
    const uses: [string, string, object | undefined][] = [
      ["POST", "/execute", { command: "true" }],
      ["POST", "/send", { data: "x" }],
      ["GET", "/output", undefined],
      ["POST", "/resize", { cols: 90, rows: 30 }],
      ["POST", "/ticket", {}],
      ["GET", "/executions/1", undefined],
    ];
    for (const [method, path, body] of uses) {
      await pass(20 * MINUTE);
      expect([path, (await call(method, `${at}${path}`, body)).status]).toEqual([path, 200]);
    }
    expect(await openNow()).toBe(1);
    await pass(30 * MINUTE);
    expect(await openNow()).toBe(0);
  });

  it("has the time it was opened with, where that says so", async () => {
    const { open, openNow, pass } = await timed();
    await open({ type: "local", idleTimeoutMs: 5 * MINUTE });
    await pass(4 * MINUTE);
    expect(await openNow()).toBe(1);
    await pass(MINUTE);
    expect(await openNow()).toBe(0);
  });

  it("is in use while a command runs or somebody is attached", async () => {
    const { gateway, clock, openNow, pass, url, call } = await timed();
    const session = await gateway.terminals.open({ type: "local" });
    const leaving = new AbortController();
    const running = session.execute("sleep 60", { timeoutMs: 600_000, signal: leaving.signal });
    await pass(5 * MINUTE); // of the fake clock, on which the command's time runs too
    expect(session.detail().state).toBe("busy");
    leaving.abort();
    await clock.advanceUntil(running);
    const socket = await connect({ url, call } as Place, `/v1/terminal/${session.id}`, [PROTOCOL]);
    if (typeof socket === "number") throw new Error(`refused with ${socket}`);
    socket.send(JSON.stringify({ t: "hello" }));
    await new Promise((resolve) => socket.once("message", resolve));
    await pass(60 * MINUTE);
    expect(await openNow()).toBe(1);
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.close();
    await closed;
    await pass(31 * MINUTE);
    expect(await openNow()).toBe(0);
  });
});

describe("a life", () => {
  it("ends after twelve hours, however much the terminal is used", async () => {
    const { gateway, openNow, pass } = await timed();
    const session = await gateway.terminals.open({ type: "local" });
    for (let minutes = 0; minutes < 12 * 60 - 20; minutes += 20) {
      await pass(20 * MINUTE - 1_000);
      await session.execute("true");
    }
    expect(await openNow()).toBe(1);
    await pass(20 * MINUTE);
    expect(await openNow()).toBe(0);
    await expect(session.execute("true")).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("a ticket", () => {
  it("is good for 30 seconds", async () => {
    const place = await timed();
    const at = await place.open();
    const issue = async () =>
      ((await place.call("POST", `${at}/ticket`, {})).body as unknown as { ticket: string }).ticket;
    const [early, late] = [await issue(), await issue()];
    await place.clock.advanceAsync(29_999);
    const socket = await connect(place, at, [PROTOCOL, `ticket.${early}`]);
    expect(socket).toBeInstanceOf(WebSocket);
    (socket as WebSocket).terminate();
    await place.clock.advanceAsync(1);
    expect(await connect(place, at, [PROTOCOL, `ticket.${late}`])).toBe(401);
  });
});

describe("who is attached", () => {
  const SECRET = "an adequately long secret for tokens of tests";

  async function attached(expiresInMs: number | null) {
    const place = await timed({ mode: "production", auth: { jwtSecret: SECRET }, terminal: { mode: "authenticated" } });
    const expiresAt = expiresInMs === null ? null : new Date(place.clock.now() + expiresInMs).toISOString();
    const { secret, key } = await place.gateway.keys.create({ scopes: ["terminal:local"], expiresAt });
    const headers = { authorization: `Bearer ${secret}` };
    const { body } = await place.call("POST", "/v1/terminal/sessions", { type: "local" }, headers);
    const at = `/v1/terminal/${(body as unknown as { session: { id: string } }).session.id}`;
    const ticket = (await place.call("POST", `${at}/ticket`, {}, headers)).body as unknown as { ticket: string };
    const socket = (await connect(place, at, [PROTOCOL, `ticket.${ticket.ticket}`])) as WebSocket;
    let code: number | null = null;
    socket.on("close", (given) => {
      code = given;
    });
    socket.send(JSON.stringify({ t: "hello" }));
    await new Promise((resolve) => socket.once("message", resolve));
    return { ...place, key, closedWith: () => code };
  }

  it("is sent away within a minute when the credential ends", async () => {
    const { closedWith, pass } = await attached(5 * MINUTE);
    await pass(4 * MINUTE);
    expect(closedWith()).toBeNull();
    await pass(MINUTE);
    await expect.poll(closedWith, { timeout: 15_000 }).toBe(4401);
  });

  it("is sent away within a minute when the key is revoked, and stays otherwise", async () => {
    const { closedWith, pass, gateway, key } = await attached(null);
    await pass(10 * MINUTE);
    expect(closedWith()).toBeNull();
    await gateway.keys.delete(key.id);
    await pass(MINUTE);
    await expect.poll(closedWith, { timeout: 15_000 }).toBe(4401);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
