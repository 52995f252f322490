import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ROOT } from "./paths.mjs";

const FILE = join(ROOT, ".cache", "prepare.lock");
const BEAT_MS = 500;
/** Without a beat for so long the holder is dead. */
const STALE_MS = 5_000;

/**
 * Runs `work` while no other process of this checkout does. Who holds the lock keeps touching its file; neither process
 * ids nor wall clocks would do, for the checkout may be shared between containers or machines.
 */
export async function exclusively(say, work, { file = FILE, staleMs = STALE_MS } = {}) {
  const token = randomUUID();
  await take({ file, staleMs, token }, say);
  const beat = setInterval(() => touch(file), BEAT_MS);
  const release = () => {
    if (read(file) === token) rmSync(file, { force: true });
  };
  process.once("exit", release); // a signal ends the process without coming back here
  try {
    return await work();
  } finally {
    clearInterval(beat);
    process.off("exit", release);
    release();
  }
}

async function take({ file, staleMs, token }, say) {
  mkdirSync(dirname(file), { recursive: true });
  if (create(file, token)) return;
  say("Another process is installing or building here; waiting for it…");
  let last = { beat: beatOf(file), seenAt: performance.now() };
  while (!create(file, token)) {
    await sleep(BEAT_MS / 2);
    const beat = beatOf(file);
    if (beat !== last.beat) last = { beat, seenAt: performance.now() };
    else if (performance.now() - last.seenAt > staleMs && (await inherit(file, token))) return;
  }
}

/** Takes over from a dead holder. Of several that try at once the last one to write has it; the others see that. */
async function inherit(file, token) {
  writeFileSync(file, token);
  await sleep(BEAT_MS);
  return read(file) === token;
}

function create(file, token) {
  try {
    writeFileSync(file, token, { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

function beatOf(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}

function touch(file) {
  try {
    utimesSync(file, new Date(), new Date());
  } catch {
    // a beat that is missed does no harm
  }
}

function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}
