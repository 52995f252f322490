import { perCpuSecond } from "./per-cpu-second.mjs";

/** Plain chats per CPU-second at saturation. */
export function measureRequests(bench) {
  const { connections } = bench.plan;
  return perCpuSecond(bench, "requests", ({ facts, pid }, window) =>
    bench.load.call("saturate", { url: facts.url, pid, connections, ...window }),
  );
}
