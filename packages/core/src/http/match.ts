import { GatewayError } from "../errors.js";
import type { Route } from "./route.js";

/** The route a request is for, and the values of its path. */
export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** Finds the route of a method and a raw path. */
export type Matcher = (method: string, path: string) => Match;

interface Pattern {
  /** The path before the value. */
  readonly prefix: string;
  readonly name: string;
  readonly methods: Map<string, Route>;
}

const NO_PARAMS = {};

/**
 * Builds the matcher of a list of routes: literal paths, and paths that end in one `:name`, which may hold slashes.
 * A literal path goes first: `/v1/models/layers` is never a model.
 * @throws GatewayError from the matcher: `not_found`, `method_not_allowed`, `invalid_request`
 */
export function createMatcher(routes: readonly Route[]): Matcher {
  const literal = new Map<string, Map<string, Route>>();
  const patterns: Pattern[] = [];
  for (const route of routes) methodsOf(route, literal, patterns).set(route.method, route);

  return (method, path) => {
    const methods = literal.get(path);
    const get = method === "HEAD" ? "GET" : method;
    const exact = methods?.get(get);
    if (exact) return { route: exact, params: NO_PARAMS };
    const pattern = patterns.find(({ prefix }) => path.length > prefix.length && path.startsWith(prefix));
    const route = pattern?.methods.get(get);
    if (pattern && route) return { route, params: { [pattern.name]: decode(path.slice(pattern.prefix.length)) } };
    throw refusal(methods ?? pattern?.methods);
  };
}

function methodsOf(route: Route, literal: Map<string, Map<string, Route>>, patterns: Pattern[]): Map<string, Route> {
  const colon = route.path.indexOf(":");
  const table = new Map<string, Route>();
  if (colon < 0) {
    const known = literal.get(route.path) ?? table;
    literal.set(route.path, known);
    return known;
  }
  const prefix = route.path.slice(0, colon);
  const found = patterns.find((pattern) => pattern.prefix === prefix);
  if (found) return found.methods;
  patterns.push({ prefix, name: route.path.slice(colon + 1), methods: table });
  return table;
}

function refusal(methods: ReadonlyMap<string, Route> | undefined): GatewayError {
  if (!methods) return new GatewayError("not_found", { details: "no such route; GET /docs shows them" });
  const allowed = [...methods.keys(), ...(methods.has("GET") ? ["HEAD"] : [])].join(", ");
  return new GatewayError("method_not_allowed", { details: `allowed here: ${allowed}`, headers: { allow: allowed } });
}

/** Decodes percent escapes once. */
function decode(raw: string): string {
  let value: string;
  try {
    value = decodeURIComponent(raw);
  } catch {
    throw new GatewayError("invalid_request", { details: "the path holds a percent escape that is none", param: "path" });
  }
  if (/\p{Cc}/u.test(value)) throw new GatewayError("invalid_request", { details: "the path holds a control character" });
  return value;
}
