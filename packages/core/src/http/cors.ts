import type { GatewayConfig } from "../schemas/options.js";
import type { GatewayRequest, GatewayResponse } from "../spec/http.js";
import { webOrigins } from "./origins.js";
import { RESPONSE_HEADERS } from "./response-headers.js";

const EXPOSED = Object.keys(RESPONSE_HEADERS).join(", ");
const MAX_AGE_SECONDS = "600";

/** Response headers for a configured web origin; undefined where none is configured. */
export function corsHeaders(request: GatewayRequest, config: GatewayConfig): Record<string, string> | undefined {
  if (config.corsOrigins.length === 0) return undefined;
  const origin = configuredOrigin(request, config);
  if (origin === null) return { vary: "origin" };
  return {
    "access-control-allow-origin": origin,
    "access-control-expose-headers": EXPOSED,
    "cross-origin-resource-policy": "cross-origin",
    vary: "origin",
  };
}

/** The answer to a preflight of a configured origin; null for every other request. */
export function preflight(request: GatewayRequest, config: GatewayConfig): GatewayResponse | null {
  if (config.corsOrigins.length === 0 || request.method !== "OPTIONS") return null;
  const { headers } = request;
  if (configuredOrigin(request, config) === null || !headers.get("access-control-request-method")) return null;
  return {
    status: 204,
    headers: {
      "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE",
      // Client libraries add headers of their own, which the gateway does not read.
      "access-control-allow-headers": headers.get("access-control-request-headers") ?? "authorization, content-type",
      "access-control-max-age": MAX_AGE_SECONDS,
    },
    body: null,
  };
}

function configuredOrigin({ headers }: GatewayRequest, { corsOrigins }: GatewayConfig): string | null {
  const origin = headers.get("origin");
  return origin !== null && webOrigins(corsOrigins).has(origin.toLowerCase()) ? origin : null;
}
