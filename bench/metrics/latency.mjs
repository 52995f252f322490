import { overDirect } from "./over-direct.mjs";

/** Time to the whole answer at a moderate, fixed rate. */
export function measureLatency(bench) {
  const { requestsPerSecond: perSecond, settleMs, latencyMs: windowMs } = bench.plan;
  return overDirect(bench, "latency", async (url) => {
    const { p50, p99 } = await bench.around.call("latency", { url, perSecond, settleMs, windowMs });
    return { p50, p99 };
  });
}
