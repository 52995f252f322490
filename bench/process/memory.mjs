import { setTimeout as sleep } from "node:timers/promises";

/** Resident bytes after full collections; freed pages go back to the system only between them. */
export async function memoryAfterCollection() {
  for (let round = 0; round < 4; round++) {
    globalThis.gc?.(); // there with --expose-gc only
    await sleep(50);
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heapUsed, external };
}
