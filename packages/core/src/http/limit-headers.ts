import type { GatewayConfig } from "../schemas/options.js";
import type { LimitVerdict } from "../spec/limiter.js";
import type { LimitPolicy } from "./limit-policy.js";

/** One rule and what it said to this request. */
export interface Counted {
  readonly policy: LimitPolicy;
  readonly verdict: LimitVerdict;
}

/** What the limit headers of one answer are made from. */
export interface LimitState {
  readonly address: Counted | null;
  readonly key: Counted | null;
  /** Wall clock, milliseconds. */
  readonly now: number;
  readonly headers: GatewayConfig["limits"]["headers"];
  /** Whether OpenAI's own names are added: its client libraries show them. */
  readonly openai: boolean;
}

/**
 * Adds the headers of the tighter of two limits: `X-RateLimit-*`, and those of the IETF draft
 * draft-ietf-httpapi-ratelimit-headers-10.
 */
export function addLimitHeaders(headers: Record<string, string>, state: LimitState): void {
  const { address, key, now } = state;
  const tight = tighter(address, key);
  if (!tight) return;
  const { policy, verdict } = tight;
  const { admitted, remaining, resetMs, retryMs } = verdict;
  headers["x-ratelimit-limit"] = String(policy.rule.limit);
  headers["x-ratelimit-remaining"] = String(remaining);
  headers["x-ratelimit-reset"] = String(Math.ceil((now + resetMs) / 1_000));
  if (state.openai) {
    headers["x-ratelimit-limit-requests"] = headers["x-ratelimit-limit"];
    headers["x-ratelimit-remaining-requests"] = headers["x-ratelimit-remaining"];
    headers["x-ratelimit-reset-requests"] = shortDuration(resetMs);
  }
  if (state.headers === "classic") return;
  headers["ratelimit-policy"] = address && key ? `${address.policy.header}, ${key.policy.header}` : policy.header;
  headers.ratelimit = `"${policy.name}";r=${remaining};t=${admitted ? Math.ceil(resetMs / 1_000) : retrySeconds(retryMs)}`;
}

/** What `Retry-After` says: whole seconds, and never "now". */
export function retrySeconds(retryMs: number): number {
  return Math.max(1, Math.ceil(retryMs / 1_000));
}

/** The one that has less of its limit left; of two that refuse, the one that does so for longer. */
function tighter(one: Counted | null, other: Counted | null): Counted | null {
  if (!one || !other) return one ?? other;
  const left = share(one) - share(other);
  if (left === 0) return one.verdict.retryMs >= other.verdict.retryMs ? one : other;
  return left < 0 ? one : other;
}

function share({ policy, verdict }: Counted): number {
  return verdict.admitted ? verdict.remaining / policy.rule.limit : -1;
}

/** `6m0s`, as OpenAI's headers have it. */
export function shortDuration(ms: number): string {
  if (ms < 1_000) return `${Math.ceil(ms)}ms`;
  const seconds = Math.ceil(ms / 1_000);
  const [hours, minutes, rest] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60), seconds % 60];
  return `${hours ? `${hours}h` : ""}${hours || minutes ? `${minutes}m` : ""}${rest}s`;
}
