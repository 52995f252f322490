import type { GatewayConfig } from "../schemas/options.js";
import type { GatewayRequest, GatewayResponse } from "../spec/http.js";

const EXPOSED = [
  "x-request-id",
  "x-sluice-request-id",
  "x-sluice-provider",
  "x-sluice-model",
  "x-sluice-layer",
  "x-sluice-attempts",
  "x-sluice-fallbacks",
  "x-sluice-route-reason",
  "x-sluice-dropped",
  "retry-after",
].join(", ");
const MAX_AGE_SECONDS = "600";

/** Response headers for a configured web origin; undefined for everybody else. */
export function corsHeaders({ headers }: GatewayRequest, { corsOrigins }: GatewayConfig): Record<string, string> | undefined {
  if (corsOrigins.length === 0) return undefined;
  const origin = headers.get("origin");
  if (origin === null || !corsOrigins.includes(origin)) return { vary: "origin" };
  return {
    "access-control-allow-origin": origin,
    "access-control-expose-headers": EXPOSED,
    "cross-origin-resource-policy": "cross-origin",
    vary: "origin",
  };
}

/** The answer to a preflight of a configured origin; null for every other request. */
export function preflight(request: GatewayRequest, { corsOrigins }: GatewayConfig): GatewayResponse | null {
  if (corsOrigins.length === 0 || request.method !== "OPTIONS") return null;
  const { headers } = request;
  const origin = headers.get("origin");
  if (origin === null || !corsOrigins.includes(origin) || !headers.get("access-control-request-method")) return null;
  return {
    status: 204,
    headers: {
      "access-control-allow-methods": "GET, POST, PUT, DELETE",
      "access-control-allow-headers": headers.get("access-control-request-headers") ?? "authorization, content-type",
      "access-control-max-age": MAX_AGE_SECONDS,
    },
    body: null,
  };
}
