import { perCpuSecond } from "./per-cpu-second.mjs";

/** The gateway with what may be switched on: see `laden.mjs`. */
export const LADEN = ["guarded", "booked", "whole"];

/** Plain chats per CPU-second at saturation. */
export function measureRequests(bench) {
  return perCpuSecond(bench, "requests", saturated(bench));
}

/** The same, with what costs something switched on. */
export function measureLaden(bench) {
  return perCpuSecond(bench, "laden", saturated(bench), ["gateway", ...LADEN]);
}

function saturated(bench) {
  const { connections } = bench.plan;
  return ({ facts, pid }, window) =>
    bench.around.call("saturate", { url: facts.url, key: facts.key, pid, connections, ...window });
}
