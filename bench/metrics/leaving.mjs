import { setTimeout as sleep } from "node:timers/promises";
import { percentiles } from "../load/percentiles.mjs";

const TARGETS = ["bare", "gateway"];
const CHUNKS = 1_000;
const CHUNK_EVERY_MS = 20;
/** Far longer than any closing should take, so that the closings come in the order of the leavings. */
const PAUSE_MS = 40;
const LAST_CLOSING_MS = 1_000;

/** How long after a client left its stream the upstream's connection closes. */
export async function measureLeaving(bench) {
  return bench.withTargets(TARGETS, async (targets) => {
    const figures = {};
    for (const [name, target] of targets) {
      bench.progress(`leaving: ${name}`);
      figures[name] = await measureOne(bench, target.facts.url);
    }
    return figures;
  });
}

async function measureOne(bench, url) {
  const { leavings: count } = bench.plan;
  await bench.around.call("script", { chunks: CHUNKS, everyMs: CHUNK_EVERY_MS });
  const leftAt = await bench.around.call("leaveStreams", { url, count, pauseMs: PAUSE_MS });
  await sleep(LAST_CLOSING_MS);
  const closedAt = await bench.around.call("closings");
  if (closedAt.length !== count)
    throw new Error(`${count} clients left and ${closedAt.length} upstream streams closed`);
  const { p50, p99 } = percentiles(closedAt.map((at, index) => at - leftAt[index]));
  return { p50, p99 };
}
