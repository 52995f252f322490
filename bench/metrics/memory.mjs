import { setTimeout as sleep } from "node:timers/promises";
import { inRounds } from "./in-rounds.mjs";
import { median } from "./statistics.mjs";

const TARGETS = ["bare", "gateway"];
/** Long enough for every stream to be idle almost all the time, short enough that none is cut off as dead. */
const CHUNK_EVERY_MS = 4_000;
const CHUNKS = 1_000;
const WARM_UP_STREAMS = 200;
const SETTLED_MS = 500;

/** Resident memory per open stream, and how soon the upstream learns that a client has left. */
export async function measureMemory(bench) {
  await bench.around.call("script", { chunks: CHUNKS, everyMs: CHUNK_EVERY_MS });
  const values = await inRounds(TARGETS, bench.plan.memoryRounds, (name, round) => {
    bench.progress(`memory: round ${round + 1} of ${bench.plan.memoryRounds}, ${name}`);
    // A fresh process each time: memory that a process once had it seldom gives back.
    return bench.withTargets([name], (targets) => measureOne(bench, targets.get(name)), ["--expose-gc"]);
  });
  return Object.fromEntries([...values].map(([name, own]) => [name, summary(own)]));
}

async function measureOne(bench, target) {
  const { heldStreams } = bench.plan;
  const { url } = target.facts;
  await warmUp(bench, target);
  const before = await target.call("memory");
  await bench.around.call("holdStreams", { url, count: heldStreams });
  await sleep(SETTLED_MS);
  const open = await target.call("memory");
  await bench.around.call("dropStreams");
  await sleep(SETTLED_MS);
  const perStream = (name) => (open[name] - before[name]) / heldStreams / 1_024;
  return { idleMb: before.rss / 2 ** 20, rssKb: perStream("rss"), heapKb: perStream("heapUsed") };
}

/**
 * The code and the pools a target needs anyway are not to be counted as the streams'. No more load than that: the free
 * memory that a busy time leaves behind would hold many streams without showing.
 */
async function warmUp(bench, { facts }) {
  await bench.around.call("holdStreams", { url: facts.url, count: WARM_UP_STREAMS });
  await bench.around.call("dropStreams");
  await sleep(SETTLED_MS);
}

function summary(rounds) {
  const figure = (name) => [name, median(rounds.map((round) => round[name]))];
  return Object.fromEntries(["rssKb", "heapKb", "idleMb"].map(figure));
}
