import type { Clock } from "../clock.js";
import { GatewayError } from "../errors.js";
import type { GatewayConfig } from "../schemas/options.js";
import type { GatewayRequest, Identity, Peer } from "../spec/http.js";
import type { Limiter, LimitVerdict } from "../spec/limiter.js";
import { type AddressOf, addressBlock } from "./client-address.js";
import { addLimitHeaders, type Counted, retrySeconds } from "./limit-headers.js";
import { configuredPolicy, keyPolicies, type LimitPolicy } from "./limit-policy.js";
import type { Route } from "./route.js";

/** What limits are made of. */
export interface LimitsDeps {
  readonly limiter: Limiter;
  readonly config: GatewayConfig["limits"];
  readonly clock: Clock;
  readonly addressOf: AddressOf;
}

/** Counts requests, by address and by caller. */
export class Limits {
  readonly #deps: LimitsDeps;
  readonly #perAddress: LimitPolicy | null;
  readonly #policyOf: (identity: Identity) => LimitPolicy | null;

  constructor(deps: LimitsDeps) {
    this.#deps = deps;
    this.#perAddress = configuredPolicy("ip", deps.config.perIp);
    this.#policyOf = keyPolicies(deps.config);
  }

  /**
   * Counts a request for the address it came from; before anything else is done for it, so that guesses cost.
   * @param route null where there is none: such requests count too
   */
  enter(route: Route | null, request: GatewayRequest, peer: Peer | undefined): Admission {
    if (route?.limited === false) return UNLIMITED;
    const { limiter, config, addressOf } = this.#deps;
    const admission = new Admission(this.#deps, this.#policyOf);
    const address = this.#perAddress && addressOf(request, peer);
    if (this.#perAddress && address) {
      const key = `ip:${addressBlock(address, config.ipv6Prefix)}`;
      admission.count(this.#perAddress, limiter.take(key, this.#perAddress.rule));
    }
    return admission;
  }

  /**
   * Counts a call made inside the process on somebody's behalf.
   * @throws GatewayError `rate_limit_exceeded`
   */
  async charge(identity: Identity): Promise<void> {
    await new Admission(this.#deps, this.#policyOf).identified(identity);
  }
}

/** One request before the limits. With a limiter in this process nothing of it waits. */
export class Admission {
  readonly #deps: LimitsDeps | null;
  readonly #policyOf: (identity: Identity) => LimitPolicy | null;
  #address: Counted | null = null;
  #key: Counted | null = null;
  #waiting: Promise<void> | null = null;

  constructor(deps: LimitsDeps | null, policyOf: (identity: Identity) => LimitPolicy | null) {
    this.#deps = deps;
    this.#policyOf = policyOf;
  }

  /** Takes note of what one rule says, now or later. */
  count(policy: LimitPolicy, answer: LimitVerdict | Promise<LimitVerdict>): void {
    if (!(answer instanceof Promise)) return this.#set(policy, answer);
    const late = answer.then((verdict) => this.#set(policy, verdict));
    this.#waiting = this.#waiting ? this.#waiting.then(() => late) : late;
  }

  /**
   * Lets the address pass, as far as that is known without waiting.
   * @throws GatewayError `rate_limit_exceeded`
   */
  check(): void {
    const refused = this.#refusal();
    if (refused) throw refused;
  }

  /** Why a request failed: the limits go before what has been found out while they were asked. */
  async refusalOr(thrown: unknown): Promise<unknown> {
    await this.#waiting;
    return this.#refusal() ?? thrown;
  }

  /**
   * Counts the request for its caller as well. A promise only while a limiter outside the process is asked, which is
   * asked for both at once.
   * @throws GatewayError `rate_limit_exceeded`
   */
  identified(identity: Identity): Promise<void> | undefined {
    const policy = this.#deps && this.#policyOf(identity);
    if (policy && this.#deps) {
      this.count(policy, this.#deps.limiter.take(`${identity.kind ?? "host"}:${identity.id}`, policy.rule));
    }
    return this.settled();
  }

  /**
   * Resolves once every answer of the limiter is there; undefined where none is awaited.
   * @throws GatewayError `rate_limit_exceeded`
   */
  settled(): Promise<void> | undefined {
    if (this.#waiting) return this.#waiting.then(() => this.check());
    this.check();
    return undefined;
  }

  #set(policy: LimitPolicy, verdict: LimitVerdict): void {
    if (policy.name === "ip") this.#address = { policy, verdict };
    else this.#key = { policy, verdict };
  }

  #refusal(): GatewayError | null {
    if (this.#address?.verdict.admitted === false) return refusal(this.#address, "IP");
    if (this.#key?.verdict.admitted === false) return refusal(this.#key, "key");
    return null;
  }

  addHeaders(headers: Record<string, string>, route: Route | null): void {
    if (!this.#deps) return;
    addLimitHeaders(headers, {
      address: this.#address,
      key: this.#key,
      now: this.#deps.clock.now(),
      headers: this.#deps.config.headers,
      openai: route?.errors === "openai",
    });
  }
}

/** Of a request that no limit counts. */
export const UNLIMITED = new Admission(null, () => null);

function refusal({ policy: { rule }, verdict }: Counted, whose: string): GatewayError {
  const seconds = retrySeconds(verdict.retryMs);
  return new GatewayError("rate_limit_exceeded", {
    details: `${rule.limit} requests per ${rule.windowMs / 1_000} s per ${whose}; retry in ${seconds} s`,
    retryAfterMs: seconds * 1_000,
  });
}
