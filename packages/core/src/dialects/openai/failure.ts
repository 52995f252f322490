import { z } from "zod";
import { failureCode } from "../failure-code.js";
import { UpstreamFailure } from "../upstream-failure.js";
import { upstreamText } from "../upstream-text.js";

const Code = z.union([z.string(), z.number()]).nullish().catch(null);
const Text = z.string().nullish().catch(null);

/**
 * The error object of OpenAI and of those who speak its dialect: OpenRouter's numeric `code` with `metadata.raw`,
 * plain strings, and vLLM's flat form.
 */
const ErrorObject = z.object({
  message: Text,
  type: Text,
  code: Code,
  param: Text,
  metadata: z.object({ raw: Text }).nullish().catch(null),
});
const ErrorBody = z.union([
  z.object({ error: ErrorObject }).transform(({ error }) => error),
  z.object({ error: z.string() }).transform(({ error }) => ErrorObject.parse({ message: error })),
  z.object({ message: z.string() }).and(ErrorObject),
  z.object({ detail: z.string() }).transform(({ detail }) => ErrorObject.parse({ message: detail })),
]);

/** The statuses of what OpenAI calls its errors, for those that come without one: inside a stream, or with a 200. */
const STATUSES: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  context_length_exceeded: 400,
  content_filter: 400,
  content_policy_violation: 400,
  invalid_api_key: 401,
  authentication_error: 401,
  insufficient_quota: 402,
  permission_error: 403,
  model_not_found: 404,
  rate_limit_exceeded: 429,
  rate_limit_error: 429,
  overloaded_error: 503,
};

/** Reads an OpenAI-style error answer. */
export function openaiFailure(status: number, bytes: Buffer): UpstreamFailure {
  return failureOf(status, parseJson(bytes.toString("utf8")));
}

/** Reads the error of a 200 answer or of a stream's frame: its `code` is a status, or says one, or its `type` does. */
export function openaiInBandFailure(body: unknown): UpstreamFailure {
  const { code, type } = ErrorBody.safeParse(body).data ?? {};
  const number = Number(code ?? Number.NaN);
  if (number >= 400 && number < 600) return failureOf(number, body);
  return failureOf(STATUSES[String(code)] ?? STATUSES[String(type)] ?? 502, body);
}

/** OpenRouter's form of a model that failed half way: a choice with an error, or no more than a reason that says so. */
export function isFailedChoice(choice: unknown): boolean {
  if (typeof choice !== "object" || choice === null) return false;
  const { error, finish_reason: reason } = choice as { readonly error?: unknown; readonly finish_reason?: unknown };
  return (error !== undefined && error !== null) || reason === "error";
}

function failureOf(status: number, body: unknown): UpstreamFailure {
  const error = ErrorBody.safeParse(body).data;
  const upstreamCode = typeof error?.code === "string" ? error.code : (error?.type ?? "");
  const message = error?.message ?? "";
  const words = [message, error?.metadata?.raw].filter((part) => part).join(": ");
  return new UpstreamFailure(failureCode(status, upstreamCode, message), {
    status,
    details: upstreamText(words) || `answered with status ${status}`,
    upstreamCode: upstreamCode || undefined,
    param: error?.param ?? undefined,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
