import type { FailureCode } from "../errors.js";

const TOO_LONG = /context[ _]?(?:length|window)|too many tokens|prompt is too long|maximum context/i;
const FILTERED = /content[_ ](?:filter|policy)|moderation/i;

/**
 * What an upstream's error status means for the caller. Only what the caller can mend is his: 400, 413, 422 and the
 * like. A refused key or an unknown model is the gateway's own affair and never the caller's 401 or 404.
 */
export function failureCode(status: number, upstreamCode: string, message: string): FailureCode {
  if (status === 400 || status === 422) {
    if (TOO_LONG.test(upstreamCode) || TOO_LONG.test(message)) return "context_length_exceeded";
    return FILTERED.test(upstreamCode) ? "content_filter" : "invalid_request";
  }
  if (status === 401 || status === 402 || status === 403) return "upstream_auth_failed";
  if (status === 413) return "payload_too_large";
  if (status === 429) return "upstream_rate_limited";
  if (status === 503 || status === 529) return "upstream_overloaded";
  return "upstream_failed";
}
