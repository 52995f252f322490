import { median } from "./statistics.mjs";

const BYTES = 100_000_000;
/** What is asked of a gateway with local terminals, in a process of its own. */
const QUESTIONS = [
  ["execute", { times: 100, everyMs: 60 }],
  ["output", { bytes: BYTES }],
  ["screen", { bytes: BYTES / 10 }],
  ["flood", { ms: 5_000 }],
];
const MEMORY = { warmUp: 20, count: 150 };

/** What local terminals cost: the time of a command, throughput, memory, and how late the event loop is under a flood. */
export async function measureTerminals(bench) {
  const rounds = [];
  for (let round = 0; round < bench.plan.memoryRounds; round++) {
    bench.progress(`terminals: round ${round + 1} of ${bench.plan.memoryRounds}`);
    const memory = await bench.withTargets(["terminals"], remember, ["--expose-gc"]);
    rounds.push({ ...(await bench.withTargets(["terminals"], ask)), memory });
  }
  const names = Object.keys(rounds[0]);
  return Object.fromEntries(names.map((name) => [name, medians(rounds.map((round) => round[name]))]));
}

/** In a process that has done nothing else. */
function remember(targets) {
  return targets.get("terminals").call("memory", MEMORY);
}

async function ask(targets) {
  const answers = {};
  for (const [name, input] of QUESTIONS) answers[name] = await targets.get("terminals").call(name, input);
  return answers;
}

function medians(rounds) {
  const keys = Object.keys(rounds[0]);
  return Object.fromEntries(keys.map((key) => [key, median(rounds.map((round) => round[key]))]));
}
