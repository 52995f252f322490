import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";

/**
 * Which cores the target and everybody else run on, as a command prefix. The target has the last core for itself; where
 * there is only one core, or no taskset, nothing is pinned.
 */
export function shareCores() {
  const cores = availableParallelism();
  const found = spawnSync("taskset", ["-V"], { stdio: "ignore" }).status === 0;
  if (cores < 2 || !found) return { target: [], others: [], pinned: false };
  const others = cores === 2 ? "0" : `0-${cores - 2}`;
  return { target: ["taskset", "-c", String(cores - 1)], others: ["taskset", "-c", others], pinned: true };
}
