import { table } from "./table.mjs";

/** How each metric is shown: a title and a table. */
export const SECTIONS = {
  requests: (result) => ["Plain chats at saturation", perCpuTable(result, "chats")],
  laden: (result) => ["Plain chats at saturation, with what costs something", perCpuTable(result, "chats")],
  chunks: (result) => ["Streamed chunks, one read and one write each", perCpuTable(result, "chunks")],
  latency: (result) => ["Time to the whole answer at a fixed rate", addedTable(result, { p50: "p50", p99: "p99" })],
  ttft: (result) => [
    "Streams: time to the first chunk, and of each later chunk under way",
    addedTable(result, STREAM_NAMES),
  ],
  memory: (result) => ["Memory per open stream", memoryTable(result)],
  mounts: (result) => ["A plain chat on each stack at saturation, CPU time", mountsTable(result)],
  terminals: (result) => ["Local terminals", terminalsTable(result)],
  leaving: (result) => ["From a client's leaving to the end of the upstream stream", leavingTable(result)],
};

const STREAM_NAMES = { firstP50: "first p50", firstP99: "first p99", chunkP50: "chunk p50", chunkP99: "chunk p99" };

function perCpuTable(result, what) {
  const rows = Object.entries(result).map(([name, { perCpuSecond, cpuMicroseconds, busy, ratio }]) => [
    name,
    Math.round(perCpuSecond).toLocaleString("en"),
    `${cpuMicroseconds.toFixed(1)} us`,
    `${Math.round(busy * 100)} %`,
    `${ratio.median.toFixed(2)}x`,
    `${ratio.least.toFixed(2)}-${ratio.most.toFixed(2)}`,
  ]);
  return table(["target", `${what}/CPU-s`, "CPU each", "core busy", "x bare", "rounds"], rows);
}

function addedTable(result, names) {
  const keys = Object.keys(names);
  const head = ["target", ...keys.flatMap((key) => [names[key], "added"])];
  const rows = Object.entries(result).map(([name, figures]) => [
    name,
    ...keys.flatMap((key) => [
      milliseconds(figures[key].ms),
      name === "direct" ? "" : milliseconds(figures[key].addedMs),
    ]),
  ]);
  return table(head, rows);
}

function memoryTable(result) {
  const rows = Object.entries(result).map(([name, { rssKb, heapKb, idleMb }]) => [
    name,
    `${rssKb.toFixed(1)} KB`,
    `${heapKb.toFixed(1)} KB`,
    `${idleMb.toFixed(0)} MB`,
  ]);
  return table(["target", "resident per stream", "of it heap", "resident before"], rows);
}

function mountsTable(result) {
  const base = result["node:http"].addedUs;
  const rows = Object.entries(result).map(([name, { emptyUs, gatewayUs, addedUs }]) => [
    name,
    microseconds(emptyUs),
    microseconds(gatewayUs),
    microseconds(addedUs),
    `${(addedUs / base).toFixed(2)}x`,
  ]);
  return table(["mounted on", "empty handler", "gateway", "difference", "x node:http's"], rows);
}

function terminalsTable({ execute, output, screen, memory, flood }) {
  const rows = [
    ["`true`, p50", milliseconds(execute.p50)],
    ["`true`, p99", milliseconds(execute.p99)],
    ["output of a command", `${output.perSecond.toFixed(0)} MB/s`],
    ["output of a screen", `${screen.perSecond.toFixed(0)} MB/s`],
    ["resident per idle terminal", `${memory.rssKb.toFixed(0)} KB`],
    ["of it heap", `${memory.heapKb.toFixed(0)} KB`],
    ["its shell's own", `${memory.shellKb.toFixed(0)} KB`],
    ["event loop p99 under `yes`", milliseconds(flood.p99)],
  ];
  return table(["local terminal", ""], rows);
}

function leavingTable(result) {
  const rows = Object.entries(result).map(([name, { p50, p99 }]) => [name, milliseconds(p50), milliseconds(p99)]);
  return table(["target", "p50", "p99"], rows);
}

function microseconds(value) {
  return `${value.toFixed(1)} us`;
}

function milliseconds(value) {
  return `${value.toFixed(2)} ms`;
}
