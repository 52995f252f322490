import type { UpstreamFailure } from "../dialects/upstream-failure.js";
import { type FailureCode, GatewayError } from "../errors.js";

/** What to do after one failed upstream call: give up, leave this model, or try it again later. */
export type NextStep = "stop" | "leave" | "again";

/** The caller's own mistakes; no other model would answer them better. */
const CALLERS_FAULT: ReadonlySet<FailureCode> = new Set([
  "invalid_request",
  "context_length_exceeded",
  "content_filter",
  "payload_too_large",
]);

/** Upstream statuses after which the same request may well succeed (RFC 9110 15.5.9, 15.5.10; 529 is Anthropic's). */
const PASSING_STATUS = (status: number): boolean => status === 408 || status === 409 || status === 429 || status >= 500;

/** Decides by the kind of failure alone. */
export function nextStep(failure: UpstreamFailure): NextStep {
  if (CALLERS_FAULT.has(failure.code)) return "stop";
  if (failure.code === "upstream_auth_failed") return "leave";
  if (failure.code === "timeout") return failure.timer === "connectMs" ? "again" : "leave";
  return failure.status === undefined || PASSING_STATUS(failure.status) ? "again" : "leave";
}

/** Whether a failure may be the whole upstream's, so that asking it again makes things worse. */
export function isStrain(failure: UpstreamFailure): boolean {
  return failure.code === "timeout" || nextStep(failure) === "again";
}

/** Whether a failure says something about the upstream's health. */
export function isUpstreamsFault(failure: UpstreamFailure): boolean {
  return !CALLERS_FAULT.has(failure.code);
}

/** One failed call, for the error the caller finally sees. */
export interface FailedAttempt {
  readonly modelId: string;
  readonly provider: string;
  readonly failure: UpstreamFailure;
}

/** What the caller sees after the last failure: its code, and a word on every attempt. */
export function finalError(attempts: readonly FailedAttempt[], retryAfterMs: number | undefined): GatewayError {
  const last = attempts.at(-1);
  if (!last) return new GatewayError("internal");
  const { failure } = last;
  const lines = attempts.map(({ modelId, failure: { details, code } }) => `${modelId} ${details ?? code}`);
  const refused = attempts.filter((attempt) => attempt.failure.code === "upstream_auth_failed");
  for (const { provider } of refused) lines.push(`check providers.${provider}.apiKey`);
  const callers = CALLERS_FAULT.has(failure.code);
  // An overload has more names than statuses: Anthropic's 529 is a 503 here, and its own word says which it was.
  const named = callers || failure.code === "upstream_overloaded";
  return new GatewayError(failure.code, {
    details: callers ? failure.details : [...new Set(lines)].join("; "),
    param: callers ? failure.param : undefined,
    upstreamCode: named ? failure.upstreamCode : undefined,
    retryAfterMs: failure.code === "upstream_rate_limited" ? Math.max(retryAfterMs ?? 0, 1_000) : retryAfterMs,
    cause: failure,
  });
}
