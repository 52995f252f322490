import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";

const PAGE = new URL("../../docs/benchmarks.md", import.meta.url);

/** Adds a row to the table of runs, or to one of those that are measured alone. */
export function record(results, plan) {
  if (results.laden) return addRow("## What guards and books cost", [...when(plan), ...ladenCells(results.laden)]);
  if (results.terminals) return addRow("## Terminals", [...when(plan), ...terminalCells(results.terminals)]);
  if (results.mounts) return addRow("## Mounts", [...when(plan), ...mountCells(results.mounts)]);
  addRow("## Runs", [...when(plan), ...cells(results)]);
}

/** Puts a row at the end of the first table below a heading. */
function addRow(heading, row) {
  const lines = readFileSync(PAGE, "utf8").split("\n");
  const inside = lines.slice(lines.indexOf(heading)).map((line) => line.startsWith("|"));
  const end = inside.indexOf(false, inside.indexOf(true));
  lines.splice(lines.indexOf(heading) + end, 0, `| ${row.join(" | ")} |`);
  writeFileSync(PAGE, lines.join("\n"));
}

function when(plan) {
  return [new Date().toISOString().slice(0, 10), `${process.version}, ${machine()}, ${plan.name}`];
}

function ladenCells({ bare, "bare again": again, ...gateways }) {
  const control = `${(again.ratio.median / bare.ratio.median).toFixed(2)}x`;
  const figures = Object.values(gateways).map(
    ({ cpuMicroseconds, ratio }) => `${cpuMicroseconds.toFixed(0)} us, **${ratio.median.toFixed(2)}x**`,
  );
  return [control, ...figures];
}

function mountCells(mounts) {
  return Object.values(mounts).map(
    ({ emptyUs, gatewayUs, addedUs }) => `${emptyUs.toFixed(0)} / ${gatewayUs.toFixed(0)}, **${addedUs.toFixed(0)}**`,
  );
}

function terminalCells({ execute, output, screen, memory, flood }) {
  return [
    `${execute.p50.toFixed(1)} / ${execute.p99.toFixed(1)}`,
    output.perSecond.toFixed(0),
    screen.perSecond.toFixed(0),
    `${memory.rssKb.toFixed(0)} / ${memory.shellKb.toFixed(0)}`,
    flood.p99.toFixed(1),
  ];
}

function cells({ requests, chunks, latency, ttft, memory }) {
  return [
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
