import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { exclusively } from "./lock.mjs";

let folder;
let file;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lock-"));
  file = join(folder, "lock");
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Runs `count` pieces of work at once, and tells how many ran at the same time at most. */
async function mostAtOnce(count) {
  let running = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++running);
    await sleep(50);
    running--;
  };
  await Promise.all(Array.from({ length: count }, () => exclusively(() => {}, work, { file, staleMs: 1_500 })));
  return most;
}

it("lets one in at a time", async () => {
  expect(await mostAtOnce(4)).toBe(1);
});

it("lets one in at a time after a holder has died", async () => {
  writeFileSync(file, "nobody touches this any more");
  expect(await mostAtOnce(3)).toBe(1);
});

it("lets the next one in after a failure, and says that somebody waits", async () => {
  const said = [];
  const failing = exclusively(
    () => {},
    () => sleep(20).then(() => Promise.reject(new Error("no"))),
    { file },
  );
  const next = exclusively(
    (line) => said.push(line),
    async () => "done",
    { file },
  );
  await expect(failing).rejects.toThrow("no");
  expect(await next).toBe("done");
  expect(said).toEqual([expect.stringContaining("waiting")]);
});
