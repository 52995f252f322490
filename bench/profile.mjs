/** Where the CPU or the memory of a target goes at saturation, by function and by file of the sources. */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Bench } from "./bench.mjs";
import { FULL } from "./plan.mjs";
import { ensureBuilt } from "./process/ensure-built.mjs";
import { allocationStacks, cpuStacks } from "./profile/stacks.mjs";
import { tally } from "./profile/tally.mjs";
import { table } from "./report/table.mjs";

const USAGE = `Profiles a target under plain chats and under streams.

  node bench/profile.mjs [options]

  --target NAME       gateway (the default), bare, guarded, booked or whole
  --kind KIND         cpu (the default) or allocations
  --only LIST         some of: requests,chunks
  --cpu-seconds N     how long (default 3)
  --top N             rows in each table (default 30)
  --save DIRECTORY    keep the profiles for a viewer`;

const KINDS = { cpu: { stacks: cpuStacks, unit: "us" }, allocations: { stacks: allocationStacks, unit: "B" } };
const LOADS = { requests: saturate, chunks: lockStep };

const { values: options } = parseArgs({
  options: {
    target: { type: "string", default: "gateway" },
    kind: { type: "string", default: "cpu" },
    only: { type: "string", default: "requests,chunks" },
    "cpu-seconds": { type: "string", default: "3" },
    top: { type: "string", default: "30" },
    save: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const bench = new Bench(FULL, (text) => console.error(`  ${text}`));

if (options.help) console.log(USAGE);
else await run();

async function run() {
  ensureBuilt();
  try {
    await bench.start();
    for (const name of options.only.split(",")) await show(name, LOADS[name]);
  } finally {
    await bench.stop();
  }
}

async function show(name, load) {
  const { profile, window } = await bench.withTargets([options.target], (targets) =>
    profileUnder(targets.get(options.target), load),
  );
  const { kind, save } = options;
  if (save) writeFileSync(`${save}/${name}.${kind === "cpu" ? "cpuprofile" : "heapprofile"}`, JSON.stringify(profile));
  const { total, functions, files, callers } = tally(KINDS[kind].stacks(profile));
  const each = (sums) => ranking(sums, total, window.done);
  console.log(`\n== ${name}: ${(total / window.done).toFixed(1)} ${KINDS[kind].unit} each, over ${window.done} ==`);
  console.log(`\nBy function\n\n${each(functions)}`);
  console.log(`\nBy function of ours or a dependency, with the built-in code it calls\n\n${each(callers)}`);
  console.log(`\nBy file\n\n${each(files)}`);
}

async function profileUnder(target, load) {
  bench.progress("warming up");
  await load(target, { settleMs: 0, windowMs: FULL.warmUpMs });
  bench.progress(`profiling ${options.kind}`);
  await target.call("startProfile", options.kind);
  const window = await load(target, { settleMs: 0, windowMs: Number(options["cpu-seconds"]) * 1e3 });
  return { profile: await target.call("stopProfile", options.kind), window };
}

function ranking(sums, total, done) {
  const { unit } = KINDS[options.kind];
  const ranked = [...sums].sort(([, a], [, b]) => b - a).slice(0, Number(options.top));
  const rows = ranked.map(([text, amount]) => [
    text,
    `${((amount / total) * 100).toFixed(1)} %`,
    `${(amount / done).toFixed(2)} ${unit}`,
  ]);
  return table(["", "share", "each"], rows);
}

function saturate({ facts, pid }, window) {
  return bench.around.call("saturate", {
    url: facts.url,
    key: facts.key,
    pid,
    connections: FULL.connections,
    ...window,
  });
}

async function lockStep({ facts, pid }, window) {
  const { streams, chunksPerStream: chunks } = FULL;
  const { ticksPort } = bench.around.facts;
  await bench.around.call("script", { chunks });
  return bench.around.call("lockStep", { url: facts.url, ticksPort, pid, streams, chunks, ...window });
}
