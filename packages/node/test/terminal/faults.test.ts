import type { RunningTerminal, TerminalDriver, TerminalExit, TerminalReceiver } from "@sluice/core";
import { describe, expect, it, onTestFinished } from "vitest";
import WebSocket from "ws";
import { type Place, terminals } from "./place.js";

/** Whatever is thrown where nobody catches it ends the process, and fails the run of these tests. */

const PROTOCOL = "sluice.terminal.v1";
const WITHIN = { timeout: 15_000 };

/** What a client hears that is attached. */
async function attach({ url }: Place, at: string) {
  const socket = new WebSocket(`${url.replace("http", "ws")}${at}/attach`, [PROTOCOL]);
  onTestFinished(() => socket.terminate());
  const heard: { readonly t: string; readonly code?: string }[] = [];
  socket.on("message", (data: Buffer, isBinary) => void (isBinary || heard.push(JSON.parse(data.toString()))));
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  const tell = (message: object) => socket.send(JSON.stringify(message));
  tell({ t: "hello" });
  await expect.poll(() => heard.some(({ t }) => t === "ready"), WITHIN).toBe(true);
  return { tell, errors: () => heard.filter(({ t }) => t === "error").map(({ code }) => code), heard };
}

/** A kind of terminal that fails at everything but opening. */
function failing(): { driver: TerminalDriver<"telnet">; end(exit: TerminalExit): void; receiver(): TerminalReceiver } {
  let end: (exit: TerminalExit) => void = () => {};
  let receiver: TerminalReceiver | null = null;
  const fail = (): never => {
    throw new Error("the driver failed");
  };
  const terminal: RunningTerminal = {
    details: {},
    async openStream(_size, given) {
      receiver = given;
      return {
        write: async () => fail(),
        resize: fail,
        signal: fail,
        pause: () => {},
        resume: () => {},
        close: async () => {},
      };
    },
    close: async () => {},
  };
  const driver: TerminalDriver<"telnet"> = {
    type: "telnet",
    async open(_request, context) {
      end = context.onEnd;
      return terminal;
    },
  };
  return { driver, end: (exit) => end(exit), receiver: () => receiver as TerminalReceiver };
}

describe("somebody who is attached", () => {
  it("is told of what his terminal cannot do, and stays", async () => {
    const { driver } = failing();
    const place = await terminals({ terminalDrivers: [driver] });
    const at = await place.open({ type: "telnet", host: "127.0.0.1" });
    const { tell, errors } = await attach(place, at);
    tell({ t: "signal", signal: "KILL" });
    await expect.poll(errors, WITHIN).toContain("internal");
    const before = errors().length;
    tell({ t: "resize", cols: 100, rows: 30 });
    await expect.poll(() => errors().length, WITHIN).toBeGreaterThan(before);
    expect((await place.call("POST", `${at}/send`, { data: "x" })).status).toBe(500);
    expect((await place.call("GET", at)).status).toBe(200);
  });

  it("may go on as he likes when the connection behind it has ended", async () => {
    const { driver, end } = failing();
    const place = await terminals({ terminalDrivers: [driver] });
    const at = await place.open({ type: "telnet", host: "127.0.0.1" });
    const { tell, errors } = await attach(place, at);
    end({ code: null, signal: null, reason: "connection_lost" });
    const before = errors().length;
    tell({ t: "signal", signal: "INT" });
    tell({ t: "resize", cols: 100, rows: 30 });
    tell({ t: "drive" });
    tell({ t: "ack", offset: 5 });
    await expect.poll(() => errors().slice(before), WITHIN).toContain("conflict");
    expect((await place.call("GET", at)).body).toMatchObject({ session: { connected: false, state: "closed" } });
    expect((await place.call("POST", `${at}/signal`, { signal: "INT" })).status).toBe(409);
    expect((await place.call("DELETE", at)).status).toBe(200);
  });
});

describe("an application that watches a command", () => {
  it.each<[string, () => void | Promise<void>]>([
    [
      "throws",
      () => {
        throw new Error("watcher");
      },
    ],
    ["rejects", () => Promise.reject(new Error("watcher"))],
    ["rejects later", () => new Promise((_resolve, reject) => setImmediate(() => reject(new Error("watcher"))))],
  ])("and %s hears of it from the command, which is stopped", async (_how, onOutput) => {
    const { gateway } = await terminals();
    const session = await gateway.terminals.open({ type: "local" });
    const running = session.execute("echo begun; yes | head -c 1000000; sleep 60; echo never", {
      onOutput,
      timeoutMs: 60_000,
    });
    await expect(running).rejects.toThrow("watcher");
    expect(session.execution(1)).toMatchObject({ phase: "done" });
    expect(await session.execute("echo alive")).toMatchObject({ stdout: "alive\n" });
  });
});

describe("a command", () => {
  it("of more variables than a pipe takes at once has them all", async () => {
    const { gateway } = await terminals();
    const session = await gateway.terminals.open({ type: "local" });
    const env = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`LARGE_${n}`, `it's ${"x".repeat(20_000)}`]));
    const { stdout } = await session.execute('echo "${#LARGE_0} ${#LARGE_19}"; echo $PWD', { env, cwd: "/usr" });
    expect(stdout).toBe("20005 20005\n/usr\n");
    expect(await session.execute('echo "[$LARGE_0]"')).toMatchObject({ stdout: "[]\n" });
  });
});
