import { setTimeout as sleep } from "node:timers/promises";
import { announce, answerCommands } from "./commands.mjs";
import { startProfile, stopProfile } from "./profiling.mjs";

/**
 * Makes this process a target: says where it serves, tells its memory and takes profiles of itself when asked. `facts` are
 * what the load has to know besides, such as the key to come with.
 */
export function becomeTarget(url, facts = {}) {
  answerCommands({ memory: memoryAfterCollection, startProfile, stopProfile });
  announce({ url, ...facts });
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
