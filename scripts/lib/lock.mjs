import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ROOT } from "./paths.mjs";

/** One installation or build at a time: whoever comes second waits and then finds the work done. */
const FILE = join(tmpdir(), `sluice-build-${createHash("sha256").update(ROOT).digest("hex").slice(0, 16)}.lock`);
const WAIT_MS = 200;

/** Runs `work` while no other process of this checkout does. */
export async function exclusively(work) {
  while (!take()) await sleep(WAIT_MS);
  try {
    return await work();
  } finally {
    rmSync(FILE, { force: true });
  }
}

function take() {
  mkdirSync(tmpdir(), { recursive: true });
  try {
    writeFileSync(FILE, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  if (!isHolderAlive()) rmSync(FILE, { force: true });
  return false;
}

function isHolderAlive() {
  try {
    process.kill(Number(readFileSync(FILE, "utf8")), 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
