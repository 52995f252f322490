import { overDirect } from "./over-direct.mjs";

const CHUNKS = 10;
const CHUNK_EVERY_MS = 20;

/** Time to the first chunk of a stream, and how long each later chunk is under way. */
export async function measureTtft(bench) {
  const { streamsPerSecond: perSecond, settleMs, latencyMs: windowMs } = bench.plan;
  await bench.around.call("script", { chunks: CHUNKS, everyMs: CHUNK_EVERY_MS, stamp: true });
  return overDirect(bench, "ttft", async (url) => {
    const input = { url, perSecond, chunks: CHUNKS, settleMs, windowMs };
    const { first, chunk } = await bench.around.call("streamDelays", input);
    return { firstP50: first.p50, firstP99: first.p99, chunkP50: chunk.p50, chunkP99: chunk.p99 };
  });
}
