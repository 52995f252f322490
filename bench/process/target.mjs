import { Session } from "node:inspector/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { announce, answerCommands } from "./commands.mjs";

const SAMPLE_EVERY_MICROSECONDS = 200;
const session = new Session();

/** Makes this process a target: says where it serves, tells its memory and takes profiles of itself when asked. */
export function becomeTarget(url) {
  answerCommands({ memory: memoryAfterCollection, startProfile, stopProfile });
  announce({ url });
}

async function startProfile() {
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: SAMPLE_EVERY_MICROSECONDS });
  await session.post("Profiler.start");
}

async function stopProfile() {
  const { profile } = await session.post("Profiler.stop");
  session.disconnect();
  return profile;
}

/** Resident bytes after full collections; freed pages go back to the system only between them. */
async function memoryAfterCollection() {
  for (let round = 0; round < 4; round++) {
    globalThis.gc?.(); // there with --expose-gc only
    await sleep(50);
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heapUsed, external };
}
