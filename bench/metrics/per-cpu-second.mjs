import { inRounds } from "./in-rounds.mjs";
import { mean, median, spread } from "./statistics.mjs";

const BARE = ["bare", "bare again"];

/**
 * What a target gets done per second of its own CPU. CPU rather than wall time, because other work on the machine takes
 * wall time away but not CPU. Ratios are taken within each round, because the machine's speed changes between rounds, and
 * to the mean of the two bare rows, which by their difference from 1 show how far a ratio can be trusted.
 */
export async function perCpuSecond(bench, label, run, gateways = ["gateway"]) {
  const names = [...BARE, ...gateways];
  const { rounds, warmUpMs, settleMs, windowMs } = bench.plan;
  const windows = await bench.withTargets(names, async (targets) => {
    for (const [name, target] of targets) {
      bench.progress(`${label}: warming up ${name}`);
      await run(target, { settleMs: 0, windowMs: warmUpMs });
    }
    return inRounds(names, rounds, (name, round) => {
      bench.progress(`${label}: round ${round + 1} of ${rounds}, ${name}`);
      return run(targets.get(name), { settleMs, windowMs });
    });
  });
  const bare = Array.from({ length: rounds }, (_, round) => mean(BARE.map((name) => rate(windows.get(name)[round]))));
  return Object.fromEntries([...windows].map(([name, own]) => [name, summary(own, bare)]));
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
