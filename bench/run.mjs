import { existsSync, writeFileSync } from "node:fs";
import { Bench } from "./bench.mjs";
import { readCommandLine, USAGE, UsageError } from "./command-line.mjs";
import { measureChunks } from "./metrics/chunks.mjs";
import { measureLatency } from "./metrics/latency.mjs";
import { measureLeaving } from "./metrics/leaving.mjs";
import { measureMemory } from "./metrics/memory.mjs";
import { measureMounts } from "./metrics/mounts.mjs";
import { measureLaden, measureRequests } from "./metrics/requests.mjs";
import { measureTerminals } from "./metrics/terminals.mjs";
import { measureTtft } from "./metrics/ttft.mjs";
import { FULL, QUICK } from "./plan.mjs";
import { ensureBuilt } from "./process/ensure-built.mjs";
import { checkBars } from "./report/bars.mjs";
import { record } from "./report/record.mjs";
import { SECTIONS } from "./report/sections.mjs";

const METRICS = {
  requests: measureRequests,
  chunks: measureChunks,
  latency: measureLatency,
  ttft: measureTtft,
  memory: measureMemory,
  leaving: measureLeaving,
};
const MEASURES = { ...METRICS, laden: measureLaden, mounts: measureMounts, terminals: measureTerminals };

try {
  const options = readCommandLine(process.argv.slice(2), Object.keys(METRICS));
  if (options.help) console.log(USAGE);
  else await run(options);
} catch (error) {
  console.error(error instanceof UsageError ? error.message : error);
  process.exitCode = 1;
}

async function run({ quick, only, streams, json, record: recorded, check }) {
  if (!existsSync("/proc/self/schedstat")) throw new Error("the benchmark needs Linux: it reads CPU time from /proc");
  ensureBuilt();
  const plan = { ...(quick ? QUICK : FULL), ...(streams ? { heldStreams: streams } : {}) };
  const results = await measure(plan, only);
  const bars = checkBars(results);
  for (const { met, text } of bars) console.log(`${met ? "met   " : "MISSED"}  ${text}`);
  if (json)
    writeFileSync(json, `${JSON.stringify({ date: new Date(), node: process.version, plan, results }, null, 2)}\n`);
  if (recorded) record(results, plan);
  if (check && bars.some(({ met }) => !met)) process.exitCode = 1;
}

/** Measures one metric after the other and shows each as soon as it is there. */
async function measure(plan, names) {
  const bench = new Bench(plan, (text) => console.error(`  ${text}`));
  const results = {};
  try {
    await bench.start();
    if (!bench.cores.pinned) console.log("Nothing is pinned to a core here: expect noise.\n");
    for (const name of names) {
      results[name] = await MEASURES[name](bench);
      const [title, figures] = SECTIONS[name](results[name]);
      console.log(`\n${title}\n\n${figures}\n`);
    }
  } finally {
    await bench.stop();
  }
  return results;
}
