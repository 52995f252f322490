import { GatewayError, isGatewayError } from "../errors.js";
import { validate } from "../schemas/validate.js";
import type { GatewayRequest, GatewayResponse, Identity, Peer } from "../spec/http.js";
import { readForm, readJson } from "./body.js";
import { corsHeaders, preflight } from "./cors.js";
import { errorResponse } from "./error-response.js";
import { createGuard } from "./guard.js";
import { allow, identify, NOBODY } from "./identity.js";
import { type Admission, type Limits, UNLIMITED } from "./limits.js";
import type { Matcher } from "./match.js";
import { type Route, respond } from "./route.js";
import type { Services } from "./services.js";

/** Answers any request; never rejects. */
export type Handler = (request: GatewayRequest, peer?: Peer) => Promise<GatewayResponse>;

/** The one way every request takes: guard, match, limit, identify, limit, allow, parse, handle, respond. */
export function createHandler(services: Services, matcher: Matcher, limits: Limits): Handler {
  const guard = createGuard(services.config);
  const { config } = services;

  return async (request, peer) => {
    const requestId = services.clock.id("req_");
    let route: Route | null = null;
    let admission: Admission = UNLIMITED;
    let identity: Identity | undefined;
    let response: GatewayResponse;
    try {
      guard(request, peer);
      const match = matcher.seek(request.method, pathOf(request.url));
      if (!isGatewayError(match)) route = match.route;
      admission = limits.enter(route, request, peer);
      admission.check();
      const asked = preflight(request, config);
      if (asked) {
        await admission.settled();
        response = asked;
      } else {
        if (isGatewayError(match)) throw match;
        const { route: found, params } = match;
        const known = identify(services, request, peer, found.access);
        identity = known instanceof Promise ? await known : known;
        const counting = admission.identified(identity);
        if (counting) await counting;
        allow(identity, found.access);
        if (found.sheds) services.admit();
        const { value, text } = hasJson(found, request) ? await readJson(request, found.maxBodyBytes) : NO_BODY;
        const form = found.takesForm ? await readForm(request, found.maxBodyBytes) : null;
        const body = found.body && !found.isPlain?.(value) ? validate(found.body, value) : value;
        const query = found.query && validate(found.query, queryOf(request.url));
        const context = { services, request, peer, identity, requestId, params, body, query, text, form };
        response = respond(found, await found.handle(context));
      }
    } catch (thrown) {
      const error = asGatewayError(await admission.refusalOr(thrown), services, requestId);
      if (error.status === 401 || error.status === 403) {
        const target = route ? `${route.method} ${route.path}` : request.method;
        const address = services.addressOf(request, peer);
        services.audit.refused(error, target, { identity: identity ?? NOBODY, address, requestId });
      }
      response = errorResponse(error, request, route, config.errorFormat);
    }
    admission.addHeaders(response.headers, route);
    addStandardHeaders(response.headers, requestId);
    const crossOrigin = corsHeaders(request, config);
    if (crossOrigin) Object.assign(response.headers, crossOrigin);
    return request.method === "HEAD" ? withoutBody(response) : response;
  };
}

/**
 * What every answer carries, unless it says otherwise itself. Assigned one by one to the answer's own object: spreading
 * objects of this size costs forty times as much.
 */
function addStandardHeaders(headers: Record<string, string>, requestId: string): void {
  headers["x-content-type-options"] = "nosniff";
  headers["referrer-policy"] = "no-referrer";
  headers["cross-origin-resource-policy"] = "same-origin";
  headers["cache-control"] ??= "no-store";
  headers["x-request-id"] = requestId;
  headers["x-sluice-request-id"] = requestId;
}

/** HEAD says what GET would (RFC 9110 9.3.2), its length included. */
function withoutBody({ status, headers, body }: GatewayResponse): GatewayResponse {
  if (typeof body === "string" || body instanceof Uint8Array)
    headers["content-length"] = String(Buffer.byteLength(body));
  return { status, headers, body: null };
}

const NO_BODY = { value: undefined, text: "" };

function hasJson({ body, bodyIsOptional }: Route, { headers }: GatewayRequest): boolean {
  return body !== undefined && !(bodyIsOptional && headers.get("content-type") === null);
}

/** The parameters after the `?`; of two with one name the last counts, as in JSON. */
function queryOf(url: string): Record<string, string> {
  const start = url.indexOf("?");
  return start < 0 ? {} : Object.fromEntries(new URLSearchParams(url.slice(start + 1)));
}

/** The raw path: a request URL is never rebuilt from its Host. */
export function pathOf(url: string): string {
  const start = url.startsWith("/") ? 0 : url.indexOf("/", url.indexOf("://") + 3);
  const end = url.indexOf("?");
  if (start < 0 || (end >= 0 && end < start)) return "/";
  return url.slice(start, end < 0 ? undefined : end);
}

function asGatewayError(thrown: unknown, { logger }: Services, requestId: string): GatewayError {
  if (isGatewayError(thrown) && (thrown.code !== "internal" || thrown.details !== undefined)) {
    const isTold = thrown.code === "server_overloaded"; // once and not for each request: a log costs what is short then
    if (thrown.status >= 500 && !isTold)
      logger.warn({ requestId, code: thrown.code, details: thrown.details }, thrown.message);
    return thrown;
  }
  logger.error({ requestId, err: isGatewayError(thrown) ? thrown.cause : thrown }, "unexpected error");
  return new GatewayError("internal", { details: `request ${requestId}`, cause: thrown });
}
