import type { FailureCode } from "../errors.js";
import type { Timeouts } from "../spec/provider.js";

/** Why one upstream call failed. `code` is what the caller sees if nothing else answers. */
export interface UpstreamFailureOptions {
  /** The upstream's HTTP status, where there was one. */
  readonly status?: number | undefined;
  /** The upstream's own words, for `details`. */
  readonly details?: string | undefined;
  /** The upstream's own error code. */
  readonly upstreamCode?: string | undefined;
  readonly param?: string | undefined;
  /** Milliseconds the upstream asked to wait. */
  readonly retryAfterMs?: number | undefined;
  /** The timer that passed, for `timeout`. */
  readonly timer?: keyof Timeouts | undefined;
  readonly cause?: unknown;
}

/** One failed upstream call; never leaves the gateway as it is. */
export class UpstreamFailure extends Error {
  override readonly name = "UpstreamFailure";
  readonly code: FailureCode;
  readonly status: number | undefined;
  readonly details: string | undefined;
  readonly upstreamCode: string | undefined;
  readonly param: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly timer: keyof Timeouts | undefined;

  constructor(code: FailureCode, options: UpstreamFailureOptions = {}) {
    super(options.details ?? code, { cause: options.cause });
    this.code = code;
    this.status = options.status;
    this.details = options.details;
    this.upstreamCode = options.upstreamCode;
    this.param = options.param;
    this.retryAfterMs = options.retryAfterMs;
    this.timer = options.timer;
  }
}

/** The same failure with the wait that the response headers asked for. */
export function withRetryAfter(failure: UpstreamFailure, retryAfterMs: number | undefined): UpstreamFailure {
  return retryAfterMs === undefined ? failure : new UpstreamFailure(failure.code, { ...failure, retryAfterMs });
}

/** The same failure without what its provider keeps secret: some quote the key or the headers they were sent. */
export function concealed(failure: UpstreamFailure, conceal: ((text: string) => string) | undefined): UpstreamFailure {
  const { details, param, upstreamCode } = failure;
  if (!conceal) return failure;
  const [shown, at, code] = [details, param, upstreamCode].map((text) => text && conceal(text));
  if (shown === details && at === param && code === upstreamCode) return failure;
  return new UpstreamFailure(failure.code, { ...failure, details: shown, param: at, upstreamCode: code });
}
