import type { FailureCode } from "../errors.js";

/** What can go wrong with anything that is routed to a model. */
export const ROUTING_FAILURES: readonly FailureCode[] = [
  "invalid_request",
  "content_filter",
  "model_not_found",
  "upstream_rate_limited",
  "upstream_failed",
  "upstream_auth_failed",
  "upstream_overloaded",
  "no_usable_model",
  "server_overloaded",
  "draining",
  "timeout",
];
