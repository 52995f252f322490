import type { GatewayConfig } from "../schemas/options.js";
import type { Identity, IdentityLimits } from "../spec/http.js";
import type { LimitRule } from "../spec/limiter.js";

/** A rule, whose requests it counts, and how it is told. */
export interface LimitPolicy {
  readonly rule: LimitRule;
  readonly name: "ip" | "key";
  /** As `RateLimit-Policy` has it. */
  readonly header: string;
}

/** A policy for all, where `limits` has one. */
export function configuredPolicy(
  name: "ip" | "key",
  limit: Pick<NonNullable<GatewayConfig["limits"]["perIp"]>, "limit" | "windowSeconds"> | null,
): LimitPolicy | null {
  return limit && policy(name, limit.limit, limit.windowSeconds);
}

/** The policy a caller is under, by what it is: the configured one, unless it has one of its own. */
export function keyPolicies(config: GatewayConfig["limits"]): (identity: Identity) => LimitPolicy | null {
  const common = configuredPolicy("key", config.perKey);
  const own = new WeakMap<IdentityLimits, LimitPolicy | null>();
  return ({ kind, limits }) => {
    if (kind === "anonymous") return null; // under the limit of its address alone
    if (limits?.requests === undefined) return common;
    let found = own.get(limits);
    if (found === undefined) {
      const { requests, windowSeconds = config.perKey?.windowSeconds ?? HOUR_SECONDS } = limits;
      found = requests === null ? null : policy("key", requests, windowSeconds);
      own.set(limits, found);
    }
    return found;
  };
}

const HOUR_SECONDS = 3_600;

function policy(name: "ip" | "key", limit: number, windowSeconds: number): LimitPolicy {
  return { name, rule: { limit, windowMs: windowSeconds * 1_000 }, header: `"${name}";q=${limit};w=${windowSeconds}` };
}
