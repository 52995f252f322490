import { GatewayError, isGatewayError } from "../errors.js";
import type { Route } from "./route.js";

/** The route a request is for, and the values of its path. */
export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** Finds routes. */
export interface Matcher {
  /**
   * The route of a method and a raw path.
   * @throws GatewayError `not_found`, `method_not_allowed`, `invalid_request`
   */
  find(method: string, path: string): Match;
  /** The same without throwing, for whoever has something to do first in either case. */
  seek(method: string, path: string): Match | GatewayError;
  /** Whether a raw path is one of ours, whatever the method. */
  knows(path: string): boolean;
}

type Methods = Map<string, Route>;

/** A path with `:name` parts: each stands for one segment, the last part for all that is left. */
interface Pattern {
  readonly segments: readonly string[];
  readonly methods: Methods;
}

const NO_PARAMS = {};

/**
 * Builds the matcher of a list of routes. Literal paths come first, so `/v1/models/layers` is never a model; then the
 * patterns, longer ones first, so `/v1/things/:id/stop` is never a thing.
 */
export function createMatcher(routes: readonly Route[]): Matcher {
  const literal = new Map<string, Methods>();
  const patterns = new Map<string, Pattern>();
  for (const route of routes) methodsOf(route.path, literal, patterns).set(route.method, route);
  const ordered = [...patterns.values()].sort((a, b) => b.segments.length - a.segments.length);

  function find(method: string, path: string): Match {
    const methods = literal.get(path);
    const wanted = method === "HEAD" ? "GET" : method;
    const exact = methods?.get(wanted);
    if (exact) return { route: exact, params: NO_PARAMS };
    const segments = path.split("/");
    const pattern = ordered.find((each) => fits(each, segments));
    const route = pattern?.methods.get(wanted);
    if (pattern && route) return { route, params: values(pattern, segments) };
    throw refusal(methods ?? pattern?.methods);
  }

  function seek(method: string, path: string): Match | GatewayError {
    try {
      return find(method, path);
    } catch (error) {
      if (isGatewayError(error)) return error;
      throw error;
    }
  }

  function knows(path: string): boolean {
    if (literal.has(path)) return true;
    const segments = path.split("/");
    return ordered.some((each) => fits(each, segments));
  }

  return { find, seek, knows };
}

function methodsOf(path: string, literal: Map<string, Methods>, patterns: Map<string, Pattern>): Methods {
  if (!path.includes("/:")) {
    const known = literal.get(path) ?? new Map();
    literal.set(path, known);
    return known;
  }
  const known = patterns.get(path) ?? { segments: path.split("/"), methods: new Map() };
  patterns.set(path, known);
  return known.methods;
}

function fits({ segments: pattern }: Pattern, segments: readonly string[]): boolean {
  const last = pattern.length - 1;
  const greedy = pattern[last]?.startsWith(":");
  if (greedy ? segments.length < pattern.length : segments.length !== pattern.length) return false;
  return pattern.every((part, index) => {
    if (!part.startsWith(":")) return part === segments[index];
    return segments[index] !== "" || (index === last && segments.length > pattern.length);
  });
}

function values({ segments: pattern }: Pattern, segments: readonly string[]): Record<string, string> {
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    if (!part.startsWith(":")) continue;
    const raw = index === pattern.length - 1 ? segments.slice(index).join("/") : (segments[index] ?? "");
    params[part.slice(1)] = decode(raw);
  }
  return params;
}

function refusal(methods: Methods | undefined): GatewayError {
  if (!methods) return new GatewayError("not_found", { details: "no such route; GET /docs shows them" });
  const allowed = [...methods.keys(), ...(methods.has("GET") ? ["HEAD"] : [])].join(", ");
  return new GatewayError("method_not_allowed", { details: `allowed here: ${allowed}`, headers: { allow: allowed } });
}

/** Decodes percent escapes, once. */
function decode(raw: string): string {
  let value: string;
  try {
    value = decodeURIComponent(raw);
  } catch {
    throw new GatewayError("invalid_request", { details: "the path holds a percent escape that is none" });
  }
  if (!/\p{Cc}/u.test(value)) return value;
  throw new GatewayError("invalid_request", { details: "the path holds a control character" });
}
