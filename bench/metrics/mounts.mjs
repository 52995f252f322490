import { inRounds } from "./in-rounds.mjs";
import { median } from "./statistics.mjs";

/** The stacks the gateway is mounted on; node:http is what the others are held against. */
export const MOUNTS = ["node:http", "Express 4", "Express 5", "Koa 2", "Koa 3"];

/** Two targets of each stack: with the emptiest handler it can have, and with the gateway. */
export const MOUNT_TARGETS = MOUNTS.flatMap((mount) => [`${mount}, empty`, `${mount}, gateway`]);

/**
 * CPU time of a plain chat on each stack, and of the stack alone. What the gateway takes on top of a stack is taken
 * within each round, because the machine's speed changes between rounds.
 */
export async function measureMounts(bench) {
  const { rounds, warmUpMs, settleMs, windowMs } = bench.plan;
  const windows = await bench.withTargets(MOUNT_TARGETS, async (targets) => {
    for (const [name, target] of targets) {
      bench.progress(`mounts: warming up ${name}`);
      await saturate(bench, target, { settleMs: 0, windowMs: warmUpMs });
    }
    return inRounds(MOUNT_TARGETS, rounds, (name, round) => {
      bench.progress(`mounts: round ${round + 1} of ${rounds}, ${name}`);
      return saturate(bench, targets.get(name), { settleMs, windowMs });
    });
  });
  return Object.fromEntries(MOUNTS.map((mount) => [mount, summary(windows, mount)]));
}

function saturate(bench, { facts, pid }, window) {
  return bench.around.call("saturate", { url: facts.url, pid, connections: bench.plan.connections, ...window });
}

function summary(windows, mount) {
  const empty = windows.get(`${mount}, empty`).map(microsecondsEach);
  const gateway = windows.get(`${mount}, gateway`).map(microsecondsEach);
  return {
    emptyUs: median(empty),
    gatewayUs: median(gateway),
    addedUs: median(gateway.map((value, round) => value - empty[round])),
  };
}

function microsecondsEach({ done, cpuSeconds }) {
  return (cpuSeconds * 1e6) / done;
}
