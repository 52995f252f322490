import { readdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../clock.js";
import type { TerminalExit } from "../schemas/terminal.js";
import { silentLogger } from "../spec/logger.js";
import type { RunningTerminal, TerminalStream } from "../spec/terminal.js";
import { localTerminals } from "./local.js";

const SIZE = { cols: 80, rows: 24 };

let driver: ReturnType<typeof localTerminals>;
let terminal: RunningTerminal;

beforeEach(async () => {
  driver = localTerminals({ shells: ["/bin/sh"], env: { HOME: "/", PS1: "" } });
  const context = {
    identity: undefined,
    signal: new AbortController().signal,
    clock: systemClock(),
    logger: silentLogger,
  };
  terminal = await driver.open({ type: "local", ...SIZE }, { ...context, sessionId: "pty", onEnd() {} });
});

afterEach(async () => {
  await terminal.close();
  await driver.close?.();
});

/** A shell that runs one line and ends. */
async function run(line: string, held = false): Promise<{ text: string; exit: TerminalExit; late: boolean }> {
  const pieces: Uint8Array[] = [];
  let bytesAtExit = -1;
  let stream: TerminalStream | undefined;
  const exit = await new Promise<TerminalExit>((resolve, reject) => {
    const receiver = {
      onOutput: (bytes: Uint8Array) => void pieces.push(bytes),
      onExit(end: TerminalExit) {
        bytesAtExit = Buffer.concat(pieces).length;
        resolve(end);
      },
    };
    terminal.openStream?.(SIZE, receiver).then(async (opened) => {
      stream = opened;
      await opened.write(Buffer.from(`stty -echo; ${line}\n`));
      if (held) {
        opened.pause();
        setTimeout(() => opened.resume(), 300);
      }
    }, reject);
  });
  await stream?.close();
  const bytes = Buffer.concat(pieces);
  return { text: bytes.toString(), exit, late: bytes.length !== bytesAtExit };
}

describe("the end of a shell", () => {
  it("loses nothing of 200 KB, 100 times", async () => {
    const line = "head -c 200000 /dev/zero | tr '\\0' x; printf END; exit 5";
    for (let round = 0; round < 100; round++) {
      const { text, exit, late } = await run(line);
      expect([text.match(/x+END$/)?.[0].length, exit.code, late]).toEqual([200_003, 5, false]);
    }
  }, 180_000);

  it("comes after what a stopped reader has not read yet", async () => {
    const { text, exit } = await run("head -c 3000 /dev/zero | tr '\\0' x; printf END; exit 5", true);
    expect([text.match(/x+END$/)?.[0].length, exit.code]).toEqual([3_003, 5]);
  });

  it("by a signal is no success", async () => {
    expect((await run("kill -9 $$")).exit).toEqual({ code: 137, signal: "SIGKILL", reason: "exited" });
  });

  it("leaves no descriptor open, 30 times", async () => {
    await run("exit 0");
    const open = () => readdirSync("/proc/self/fd").length;
    const before = open();
    for (let round = 0; round < 30; round++) await run("exit 0");
    expect(open()).toBe(before);
  }, 60_000);
});
