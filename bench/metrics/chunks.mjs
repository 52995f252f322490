import { perCpuSecond } from "./per-cpu-second.mjs";

/** Chunks of streams per CPU-second, each chunk a read and a write of its own. */
export async function measureChunks(bench) {
  const { streams, chunksPerStream: chunks } = bench.plan;
  const { ticksPort } = bench.around.facts;
  await bench.around.call("script", { chunks });
  return perCpuSecond(bench, "chunks", ({ facts, pid }, window) =>
    bench.around.call("lockStep", { url: facts.url, ticksPort, pid, streams, chunks, ...window }),
  );
}
