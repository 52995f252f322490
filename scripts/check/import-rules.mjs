import { isTest, targetOf } from "./sources.mjs";

const CORE = "packages/core/src/";
/** Anybody may import these; they import each other only. */
const LEAVES = ["errors", "error-shapes", "clock", "net-guard", "require-peer", "version", "schemas", "spec"];
/** What each room of core may import besides leaves and itself. */
const ROOMS = {
  models: [],
  stores: [],
  usage: [],
  dialects: [],
  providers: ["dialects"],
  routing: ["dialects", "usage"],
  http: ["dialects"],
};
/** Only these see the whole house. */
const ROOF = ["index", "wire", "gateway", "gateway-models", "options"];

/** Node's own modules that open sockets or start processes, and the files of core that may use them. */
const OUTWARD = /^node:(?:http|https|http2|net|tls|dgram|child_process)$/;
const MAY_GO_OUT = ["net-guard.ts"];

/** One line for every import that goes where it must not. */
export function importViolations(sources) {
  return sources
    .filter((source) => !isTest(source))
    .flatMap((source) => source.imports.flatMap((name) => violation(source, name)));
}

function violation(source, specifier) {
  const target = targetOf(source, specifier);
  const reason = target === null ? packageReason(source, specifier) : folderReason(source, target);
  return reason ? [`${source.path}: imports ${specifier}; ${reason}`] : [];
}

function packageReason({ path }, specifier) {
  if (path.startsWith(CORE) && OUTWARD.test(specifier) && !MAY_GO_OUT.includes(path.slice(CORE.length))) {
    return "only net-guard opens the network in core";
  }
  if (/^@sluice\/[a-z]+\/(?:src|dist)\//.test(specifier)) return "packages use each other's public names only";
  if (path.startsWith(CORE) && /^@sluice\//.test(specifier)) return "core depends on no other package";
  return null;
}

function folderReason({ path }, target) {
  const [, from] = /^packages\/([^/]+)\//.exec(path) ?? [];
  const [, to] = /^packages\/([^/]+)\//.exec(target) ?? [];
  if (from !== to) return "packages use each other's public names only";
  if (!path.startsWith(CORE)) return null;
  const room = roomOf(path);
  const other = roomOf(target);
  if (room === other || LEAVES.includes(other)) return null;
  if (LEAVES.includes(room)) return "a leaf imports leaves only";
  if (ROOF.includes(room)) return null;
  if (ROOMS[room]?.includes(other)) return null;
  return `${room} must not know ${other}`;
}

function roomOf(path) {
  return path.slice(CORE.length).split("/")[0].replace(/\.ts$/, "");
}

/** One line for every circle of imports, types included. */
export function importCycles(sources) {
  const graph = new Map(
    sources.map((source) => [source.path, source.imports.map((name) => targetOf(source, name)).filter(Boolean)]),
  );
  const done = new Set();
  const cycles = [];
  const visit = (path, trail) => {
    const at = trail.indexOf(path);
    if (at >= 0) return void cycles.push(`${[...trail.slice(at), path].join(" -> ")}: imports go in a circle`);
    if (done.has(path) || !graph.has(path)) return;
    for (const next of graph.get(path)) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return cycles;
}
