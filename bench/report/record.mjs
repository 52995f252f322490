import { appendFileSync } from "node:fs";
import { cpus } from "node:os";

const PAGE = new URL("../../docs/benchmarks.md", import.meta.url);

/** Adds a row to the table the page of benchmarks ends with. */
export function record(results, plan) {
  appendFileSync(PAGE, `| ${cells(results, plan).join(" | ")} |\n`);
}

function cells({ requests, chunks, latency, ttft, memory }, plan) {
  return [
    new Date().toISOString().slice(0, 10),
    `${process.version}, ${machine()}, ${plan.name}`,
    requests ? perCpu(requests) : "",
    chunks ? perCpu(chunks) : "",
    latency ? added(latency, "p50") : "",
    latency ? added(latency, "p99") : "",
    ttft ? added(ttft, "firstP50") : "",
    ttft ? added(ttft, "chunkP50") : "",
    memory ? `${memory.bare.rssKb.toFixed(0)} / ${memory.gateway.rssKb.toFixed(0)}` : "",
  ];
}

function machine() {
  const all = cpus();
  return `${all.length} x ${(all[0]?.model ?? "unknown").trim()}`;
}

function perCpu({ bare, gateway, "bare again": again }) {
  const figures = [bare, gateway].map(({ perCpuSecond }) => Math.round(perCpuSecond).toLocaleString("en")).join(" / ");
  return `${figures}, **${gateway.ratio.median.toFixed(2)}x** (control ${(again.ratio.median / bare.ratio.median).toFixed(2)}x)`;
}

function added({ bare, gateway }, name) {
  return `${bare[name].addedMs.toFixed(2)} / ${gateway[name].addedMs.toFixed(2)}`;
}
