import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { ROOT } from "../lib/paths.mjs";
import { prepare } from "../lib/prepare.mjs";

let folder;
let child;

beforeAll(() => prepare(() => {}, { giveUp: () => expect.unreachable("the build failed") }), 180_000);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "start-"));
});

afterEach(() => {
  child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

function start(...flags) {
  child = spawn(process.execPath, [join(ROOT, "scripts/start.mjs"), "--data-dir", folder, ...flags], { cwd: folder });
}

/** What was printed up to the server's address, and the address. */
function untilServing() {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (piece) => {
      text += piece;
      const [url] = /http:\/\/\S+/.exec(text) ?? [];
      if (url) resolve({ url, text });
    });
    child.on("exit", () => reject(new Error(`the server ended: ${text}`)));
  });
}

it("serves soon when nothing has changed, and stops on a signal", async () => {
  const startedAt = performance.now();
  start("--port", "0");
  const { url, text } = await untilServing();
  expect((await fetch(`${url}/livez`)).status).toBe(200);
  expect(performance.now() - startedAt).toBeLessThan(30_000); // 3 s are promised; this machine may be busy
  expect(text).not.toMatch(/Installing|Building/);
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  expect(await ended).toEqual([0, null]);
});

it("ends with the server's exit status", async () => {
  start("--port", "no-port");
  child.stderr.resume();
  child.stdout.resume();
  expect(await once(child, "exit")).toEqual([78, null]);
});
