/**
 * Where the CPU goes: profiles a target at saturation, with plain chats and with streams, and prints the functions and
 * files that take most.
 *
 *   node bench/profile.mjs [--target gateway] [--only requests,chunks] [--seconds 3] [--top 30] [--save DIRECTORY]
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Bench } from "./bench.mjs";
import { FULL } from "./plan.mjs";
import { ensureBuilt } from "./process/ensure-built.mjs";
import { selfTimes } from "./profile/self-times.mjs";
import { table } from "./report/table.mjs";

const { values: options } = parseArgs({
  options: {
    target: { type: "string", default: "gateway" },
    only: { type: "string", default: "requests,chunks" },
    seconds: { type: "string", default: "3" },
    top: { type: "string", default: "30" },
    save: { type: "string" },
  },
});

const LOADS = { requests: saturate, chunks: lockStep };

ensureBuilt();
const bench = new Bench(FULL, (text) => console.error(`  ${text}`));
try {
  await bench.start();
  for (const name of options.only.split(",")) await show(name, LOADS[name]);
} finally {
  await bench.stop();
}

async function show(name, load) {
  const { profile, window } = await bench.withTargets([options.target], (targets) =>
    profileUnder(targets.get(options.target), load),
  );
  if (options.save) writeFileSync(`${options.save}/${name}.cpuprofile`, JSON.stringify(profile));
  const { total, functions, files, callers } = selfTimes(profile);
  const each = (sums) => ranking(sums, total, window.done);
  console.log(`\n== ${name}: ${window.done} in ${window.seconds.toFixed(1)} s; CPU with profiling on ==`);
  console.log(`\nBy function\n\n${each(functions)}`);
  console.log(`\nBy function of ours or a dependency, with the built-in code it calls\n\n${each(callers)}`);
  console.log(`\nBy file\n\n${each(files)}`);
}

async function profileUnder(target, load) {
  await load(target, { settleMs: FULL.warmUpMs, windowMs: 1 });
  await target.call("startProfile");
  const window = await load(target, { settleMs: 0, windowMs: Number(options.seconds) * 1e3 });
  return { profile: await target.call("stopProfile"), window };
}

function ranking(sums, total, done) {
  const ranked = [...sums].sort(([, a], [, b]) => b - a).slice(0, Number(options.top));
  const rows = ranked.map(([text, microseconds]) => [
    text,
    `${((microseconds / total) * 100).toFixed(1)} %`,
    `${(microseconds / done).toFixed(2)} us`,
  ]);
  return table(["", "share", "each"], rows);
}

function saturate({ facts, pid }, window) {
  return bench.load.call("saturate", { url: facts.url, pid, connections: FULL.connections, ...window });
}

async function lockStep({ facts, pid }, window) {
  const { streams, chunksPerStream: chunks } = FULL;
  const { ticksPort } = bench.upstream.facts;
  await bench.upstream.call("script", { chunks });
  return bench.load.call("lockStep", { url: facts.url, ticksPort, pid, streams, chunks, ...window });
}
