import { openaiError, referenceError } from "../error-shapes.js";
import type { GatewayError } from "../errors.js";
import type { GatewayConfig } from "../schemas/options.js";
import type { GatewayRequest, GatewayResponse } from "../spec/http.js";
import type { Route } from "./route.js";

/** Client libraries that read OpenAI's error shape; Vercel's AI SDK says `ai/` or `ai-sdk/`. */
const OPENAI_CLIENT = /OpenAI\/|(?:^|\s)ai(?:-sdk)?\/|langchain/i;

/** Renders an error for whoever asked. */
export function errorResponse(
  error: GatewayError,
  request: GatewayRequest,
  route: Route | null,
  format: GatewayConfig["errorFormat"],
): GatewayResponse {
  const openai = route?.errors === "openai" && wantsOpenaiShape(request, format);
  const headers: Record<string, string> = { "content-type": "application/json; charset=utf-8", ...error.headers };
  if (error.retryAfterMs !== undefined)
    headers["retry-after"] = String(Math.max(1, Math.ceil(error.retryAfterMs / 1_000)));
  if (error.code === "insufficient_quota") headers["x-should-retry"] = "false";
  const body = JSON.stringify(openai ? openaiError(error) : referenceError(error));
  return { status: error.status, headers, body, error };
}

function wantsOpenaiShape({ headers }: GatewayRequest, format: GatewayConfig["errorFormat"]): boolean {
  if (format !== "auto") return format === "openai";
  return (
    headers.get("x-sluice-error-format") === "openai" ||
    headers.get("x-stainless-lang") !== null ||
    OPENAI_CLIENT.test(headers.get("user-agent") ?? "")
  );
}
