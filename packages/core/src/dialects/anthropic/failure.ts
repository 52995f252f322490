import { z } from "zod";
import { failureCode } from "../failure-code.js";
import { UpstreamFailure } from "../upstream-failure.js";
import { upstreamText } from "../upstream-text.js";

const ErrorBody = z.object({
  type: z.literal("error"),
  error: z.object({ type: z.string().catch(""), message: z.string().catch("") }),
});

/** The statuses of Anthropic's error types, for errors that come without one: inside a stream, or with a 200. */
const STATUSES: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};

/** Reads an error answer. */
export function anthropicFailure(status: number, bytes: Buffer): UpstreamFailure {
  return failureOf(status, parseJson(bytes.toString("utf8")));
}

/** The failure an object describes, or null for an object that is no error. */
export function inBandFailure(body: unknown): UpstreamFailure | null {
  const error = ErrorBody.safeParse(body).data?.error;
  return error ? failureOf(STATUSES[error.type] ?? 500, body) : null;
}

function failureOf(status: number, body: unknown): UpstreamFailure {
  const error = ErrorBody.safeParse(body).data?.error;
  const message = error?.message ?? "";
  return new UpstreamFailure(failureCode(status, error?.type ?? "", message), {
    status,
    details: upstreamText(message) || `answered with status ${status}`,
    upstreamCode: error?.type || undefined,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
