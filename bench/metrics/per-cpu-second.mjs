import { inRounds } from "./in-rounds.mjs";
import { mean, median, spread } from "./statistics.mjs";

const BARE = ["bare", "bare again"];

/**
 * What a target gets done per second of its own CPU. CPU rather than wall time, because other work on the machine takes
 * wall time away but not CPU. Ratios are taken within each round, because the machine's speed changes between rounds, and
 * to the mean of the two bare rows, which by their difference from 1 show how far a ratio can be trusted. The processes are
 * started anew several times: where its memory happens to lie makes one faster or slower for as long as it lives.
 */
export async function perCpuSecond(bench, label, run, gateways = ["gateway"]) {
  const names = [...BARE, ...gateways];
  const { generations } = bench.plan;
  const windows = new Map(names.map((name) => [name, []]));
  for (let generation = 1; generation <= generations; generation++) {
    const step = (text) => bench.progress(`${label}: processes ${generation} of ${generations}, ${text}`);
    const values = await bench.withTargets(names, (targets) => oneGeneration(bench.plan, targets, run, step));
    for (const [name, own] of values) windows.get(name).push(...own);
  }
  const rounds = windows.get(BARE[0]).length;
  const bare = Array.from({ length: rounds }, (_, round) => mean(BARE.map((name) => rate(windows.get(name)[round]))));
  return Object.fromEntries([...windows].map(([name, own]) => [name, summary(own, bare)]));
}

async function oneGeneration({ generations, rounds, warmUpMs, settleMs, windowMs }, targets, run, step) {
  for (const [name, target] of targets) {
    step(`warming up ${name}`);
    await run(target, { settleMs: 0, windowMs: warmUpMs });
  }
  const own = rounds / generations;
  return inRounds([...targets.keys()], own, (name, round) => {
    step(`round ${round + 1} of ${own}, ${name}`);
    return run(targets.get(name), { settleMs, windowMs });
  });
}

function summary(windows, bare) {
  const rates = windows.map(rate);
  return {
    perCpuSecond: median(rates),
    cpuMicroseconds: median(windows.map(({ done, cpuSeconds }) => (cpuSeconds * 1e6) / done)),
    busy: median(windows.map(({ cpuSeconds, seconds }) => cpuSeconds / seconds)),
    ratio: spread(rates.map((value, round) => value / bare[round])),
  };
}

function rate({ done, cpuSeconds }) {
  return done / cpuSeconds;
}
