import { targetOf } from "./sources.mjs";

const CORE = "packages/core/src/";

/** Anybody may import these; they import each other only. */
const LEAVES = [
  "errors",
  "error-shapes",
  "clock",
  "version",
  "base64",
  "recent",
  "utf8-length",
  "schemas",
  "spec",
  "live-entries",
];
/** Like leaves, but they touch the machine: for the rooms that do, never for leaves and http. */
const TOOLS = ["net-guard", "require-peer"];
/** What each room may import besides leaves, tools and itself. */
const ROOMS = {
  models: [],
  auth: ["redis"],
  audit: [],
  stores: [],
  usage: ["redis"],
  limits: ["redis"],
  redis: [],
  secrets: [],
  dialects: [],
  http1: [],
  providers: ["http1", "dialects", "usage", "secrets"],
  routing: ["dialects", "usage"],
  terminal: ["secrets", "redis"],
  mcp: ["terminal"],
  tracing: [],
};
/** http knows the rest of the house through the types of this file alone. */
const SERVICES = `${CORE}http/services.ts`;
/** Only these see everything. */
const ROOF = [
  "index",
  "wire",
  "wire-base",
  "wire-redis",
  "wire-notices",
  "wire-identity",
  "wire-catalogue",
  "wire-providers",
  "wire-live-providers",
  "wire-usage",
  "wire-budgets",
  "wire-admission",
  "wire-secrets",
  "wire-terminals",
  "wire-mcp",
  "wire-generation",
  "wire-succession",
  "wire-config",
  "wire-life",
  "gateway",
];
/** Parts of the roof in a file of their own: they may not see the rooms, but http's types and views. */
const EAVES = {
  options: [],
  "gateway-models": ["http"],
  "gateway-host-keys": ["http"],
  "gateway-presets": ["http"],
  "gateway-providers": ["http"],
  "gateway-terminals": ["http", "gateway-presets", "gateway-host-keys"],
  "gateway-usage": ["http"],
  "gateway-users": ["http"],
  "gateway-keys": ["http"],
  "gateway-auth": ["http"],
  "gateway-audit": ["http"],
  "gateway-config": ["http"],
  "fetch-gateway": ["http"],
};

/** Why a file of core may not import another of core, or null. */
export function roomReason(source, each) {
  const target = targetOf(source, each);
  if (!source.path.startsWith(CORE) || !target?.startsWith(CORE)) return null;
  const [room, other] = [roomOf(source.path), roomOf(target)];
  if (room === other || ROOF.includes(room)) return null;
  if (LEAVES.includes(room)) return LEAVES.includes(other) ? null : "a leaf imports leaves only";
  if (LEAVES.includes(other)) return null;
  if (TOOLS.includes(room)) return `${room} imports leaves only`;
  if (room === "http") return httpReason(source, each, other);
  const allowed = EAVES[room] ?? [...TOOLS, ...(ROOMS[room] ?? [])];
  return allowed.includes(other) ? null : `${room} must not know ${other}`;
}

function httpReason({ path }, { typed }, other) {
  if (path === SERVICES && typed) return null;
  return path === SERVICES ? "the services are types only" : `http must not know ${other}`;
}

/** The packages a leaf may import; what else it needs would be everybody's weight. */
const LEAF_PACKAGES = ["zod", "node:crypto"];

/** Why a leaf may not import a package, or null. */
export function leafPackageReason({ path }, { specifier }) {
  const isLeaf = path.startsWith(CORE) && LEAVES.includes(roomOf(path));
  if (!isLeaf || specifier.startsWith(".") || LEAF_PACKAGES.includes(specifier)) return null;
  return `a leaf imports no package but ${LEAF_PACKAGES.join(" and ")}`;
}

function roomOf(path) {
  return path.slice(CORE.length).split("/")[0].replace(/\.ts$/, "");
}
