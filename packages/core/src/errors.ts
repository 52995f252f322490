/** One row per failure a caller can see. The error table of the docs is rendered from this. */
interface Failure {
  readonly status: number;
  /** The `error` text of the reference shape. */
  readonly message: string;
  /** `error.type` for OpenAI clients. */
  readonly openaiType: string;
  /** `error.code` for OpenAI clients. */
  readonly openaiCode: string;
  /** `error.type` for Anthropic clients. */
  readonly anthropicType: string;
}

function failure(
  status: number,
  message: string,
  openaiType: string,
  openaiCode: string,
  anthropicType: string,
): Failure {
  return { status, message, openaiType, openaiCode, anthropicType };
}

/** Every failure code, with its HTTP status, text and dialect types. */
export const FAILURES = {
  invalid_request: failure(400, "Invalid request", "invalid_request_error", "invalid_request", "invalid_request_error"),
  context_length_exceeded: failure(
    400,
    "The prompt is longer than the model's context window",
    "invalid_request_error",
    "context_length_exceeded",
    "invalid_request_error",
  ),
  content_filter: failure(
    400,
    "The provider's content policy refused this request",
    "invalid_request_error",
    "content_filter",
    "invalid_request_error",
  ),
  unauthorized: failure(
    401,
    "Authentication required",
    "authentication_error",
    "invalid_api_key",
    "authentication_error",
  ),
  insufficient_quota: failure(402, "Budget spent", "insufficient_quota", "insufficient_quota", "billing_error"),
  forbidden: failure(403, "Forbidden", "permission_error", "permission_denied", "permission_error"),
  not_found: failure(404, "Not found", "invalid_request_error", "not_found", "not_found_error"),
  model_not_found: failure(404, "Model not found", "invalid_request_error", "model_not_found", "not_found_error"),
  method_not_allowed: failure(
    405,
    "Method not allowed",
    "invalid_request_error",
    "method_not_allowed",
    "invalid_request_error",
  ),
  request_timeout: failure(
    408,
    "The request did not arrive in time",
    "invalid_request_error",
    "request_timeout",
    "invalid_request_error",
  ),
  conflict: failure(409, "Conflict", "invalid_request_error", "conflict", "invalid_request_error"),
  host_key_changed: failure(
    409,
    "The host shows another key than the one known",
    "invalid_request_error",
    "host_key_changed",
    "invalid_request_error",
  ),
  host_key_refused: failure(
    409,
    "The host's key is not trusted",
    "invalid_request_error",
    "host_key_refused",
    "invalid_request_error",
  ),
  payload_too_large: failure(
    413,
    "Request body too large",
    "invalid_request_error",
    "payload_too_large",
    "request_too_large",
  ),
  unsupported_media_type: failure(
    415,
    "Unsupported media type",
    "invalid_request_error",
    "unsupported_media_type",
    "invalid_request_error",
  ),
  invalid_configuration: failure(
    422,
    "The configuration is invalid",
    "invalid_request_error",
    "invalid_configuration",
    "invalid_request_error",
  ),
  rate_limit_exceeded: failure(
    429,
    "Rate limit exceeded",
    "rate_limit_error",
    "rate_limit_exceeded",
    "rate_limit_error",
  ),
  upstream_rate_limited: failure(
    429,
    "The provider's rate limit was reached",
    "rate_limit_error",
    "upstream_rate_limited",
    "rate_limit_error",
  ),
  headers_too_large: failure(
    431,
    "Request headers too large",
    "invalid_request_error",
    "headers_too_large",
    "invalid_request_error",
  ),
  client_closed_request: failure(
    499,
    "The client left before the answer",
    "invalid_request_error",
    "client_closed_request",
    "invalid_request_error",
  ),
  internal: failure(500, "Internal error", "server_error", "internal_error", "api_error"),
  not_installed: failure(501, "A part this needs is not installed", "server_error", "not_installed", "api_error"),
  not_configured: failure(501, "What this needs is not configured", "server_error", "not_configured", "api_error"),
  upstream_failed: failure(502, "The provider failed", "server_error", "upstream_failed", "api_error"),
  upstream_auth_failed: failure(
    502,
    "The provider refused the gateway's credentials",
    "server_error",
    "upstream_auth_failed",
    "api_error",
  ),
  remote_failed: failure(502, "The remote host failed", "server_error", "remote_failed", "api_error"),
  remote_auth_failed: failure(
    502,
    "The remote host refused the credentials",
    "server_error",
    "remote_auth_failed",
    "api_error",
  ),
  upstream_overloaded: failure(
    503,
    "The provider is overloaded",
    "server_error",
    "upstream_overloaded",
    "overloaded_error",
  ),
  no_usable_model: failure(503, "No usable model", "server_error", "no_usable_model", "overloaded_error"),
  server_overloaded: failure(503, "The gateway is overloaded", "server_error", "server_overloaded", "overloaded_error"),
  draining: failure(503, "The gateway is shutting down", "server_error", "draining", "overloaded_error"),
  store_unavailable: failure(
    503,
    "The store is not available",
    "server_error",
    "store_unavailable",
    "overloaded_error",
  ),
  remote_timeout: failure(
    504,
    "The remote host did not answer in time",
    "server_error",
    "remote_timeout",
    "timeout_error",
  ),
  timeout: failure(504, "The provider did not answer in time", "server_error", "timeout", "timeout_error"),
} as const satisfies Record<string, Failure>;

/** A key of {@link FAILURES}. */
export type FailureCode = keyof typeof FAILURES;

/** What a {@link GatewayError} carries besides its code. All of it may reach the caller, except `cause`. */
export interface GatewayErrorOptions {
  /** What exactly was wrong and what to do next. Reaches the caller: never put a secret in it. */
  readonly details?: string | undefined;
  /** The request field at fault, as a path such as `messages[0].role`. */
  readonly param?: string | undefined;
  /** Milliseconds after which a retry makes sense; becomes `Retry-After`. */
  readonly retryAfterMs?: number | undefined;
  /** Response headers this failure needs, such as `allow`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The provider's own error code, when it says more than ours. */
  readonly upstreamCode?: string | undefined;
  /** Overrides the status of the table: a provider's own 4xx for the caller's own mistake. */
  readonly status?: number | undefined;
  /** The original error, for logs only. */
  readonly cause?: unknown;
}

const BRAND = Symbol.for("sluice.GatewayError");

/** The one error type a caller of the gateway can cause or see; everything else is masked as `internal`. */
export class GatewayError extends Error {
  override readonly name = "GatewayError";
  readonly code: FailureCode;
  readonly details: string | undefined;
  readonly param: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly upstreamCode: string | undefined;
  /** HTTP status this error is answered with. */
  readonly status: number;
  /** Whether the message is meant for callers, which it always is: Koa and Express ask for it. */
  readonly expose = true;
  readonly [BRAND] = true;

  constructor(code: FailureCode, options: GatewayErrorOptions = {}) {
    const row = FAILURES[code];
    super(options.details ? `${row.message}: ${options.details}` : row.message, { cause: options.cause });
    this.code = code;
    this.status = options.status ?? row.status;
    this.details = options.details;
    this.param = options.param;
    this.retryAfterMs = options.retryAfterMs;
    this.headers = options.headers;
    this.upstreamCode = options.upstreamCode;
  }
}

/** True for a {@link GatewayError}, also one thrown by another copy of this package. */
export function isGatewayError(value: unknown): value is GatewayError {
  return typeof value === "object" && value !== null && BRAND in value;
}
