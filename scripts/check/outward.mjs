/** What opens sockets, serves or starts processes. */
const OUTWARD =
  /^(?:node:)?(?:http|https|http2|net|tls|dgram|child_process|cluster)$|^(?:express|koa|fastify|hono|ws)(?:\/|$)/;
/** The files that are there for it; testkit plays the upstream. */
const MAY =
  /^packages\/(?:node|express|koa|testkit)\/|^packages\/core\/src\/(?:net-guard\.ts$|http1\/|terminal\/)|^examples\//;
/** Names of node:net that read text and touch no network. */
const HARMLESS = ["isIP", "isIPv4", "isIPv6", "BlockList"];

/** Why a file may not import what reaches out of the process, or null. */
export function outwardReason({ path }, { specifier, names }) {
  if (!OUTWARD.test(specifier) || MAY.test(path)) return null;
  if (names?.length > 0 && names.every((name) => HARMLESS.includes(name))) return null;
  return "only the adapters, core's http1, terminal and net-guard know sockets, servers and processes";
}
