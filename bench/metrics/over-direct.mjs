import { inRounds } from "./in-rounds.mjs";
import { median } from "./statistics.mjs";

const TARGETS = ["bare", "gateway"];
const NAMES = ["direct", ...TARGETS];

/**
 * What a target adds to the way without it. `run(url)` measures one way and gives figures by name; each round's direct
 * figures are taken off the round's others.
 */
export async function overDirect(bench, label, run) {
  const { latencyRounds: rounds, warmUpMs } = bench.plan;
  const figures = await bench.withTargets(TARGETS, async (targets) => {
    const urlOf = (name) => targets.get(name)?.facts.url ?? bench.around.facts.url;
    for (const name of TARGETS) await warmUp(bench, targets.get(name), warmUpMs);
    return inRounds(NAMES, rounds, (name, round) => {
      bench.progress(`${label}: round ${round + 1} of ${rounds}, ${name}`);
      return run(urlOf(name));
    });
  });
  const direct = figures.get("direct");
  return Object.fromEntries(NAMES.map((name) => [name, summary(figures.get(name), direct)]));
}

/** Code that is compiled late would show as latency. */
async function warmUp(bench, { facts, pid }, windowMs) {
  await bench.around.call("saturate", { url: facts.url, pid, connections: 16, settleMs: 0, windowMs });
}

function summary(rounds, direct) {
  const names = Object.keys(rounds[0]);
  const figure = (name) => [
    name,
    {
      ms: median(rounds.map((round) => round[name])),
      addedMs: median(rounds.map((round, index) => round[name] - direct[index][name])),
    },
  ];
  return Object.fromEntries(names.map(figure));
}
