import { GatewayError } from "../../errors.js";
import type { GatewayConfig } from "../../schemas/options.js";
import type { CallContext } from "../../spec/call.js";
import type { GatewayResponse, Identity } from "../../spec/http.js";
import type { LimitVerdict } from "../../spec/limiter.js";
import type { Usage } from "../../spec/usage.js";
import { Concurrency, type ConcurrencyDeps, type GiveBack } from "./concurrency.js";
import { type TokenReservation, TokenWindow } from "./token-window.js";

/** What one call holds of its caller's limits. */
export interface Lease {
  /** Gives everything back; the first time counts. @param usage what the call has used; null where nobody knows */
  end(usage: Usage | null): void;
  /** The tokens left, for the answer's headers; null where they are not limited. */
  readonly tokens: { readonly limit: number; readonly verdict: LimitVerdict } | null;
}

/** What is known of a call before it is made. */
export interface CallSize {
  readonly characters: number;
  /** 0 where the caller does not say. */
  readonly answerTokens: number;
}

type Call = (context: CallContext) => Promise<GatewayResponse>;

/** How long somebody waits whose calls take every place: nobody knows when the first ends. */
const RETRY_MS = 1_000;
/** English text has about so many characters to a token; what it really was is known at the end. */
const CHARACTERS_PER_TOKEN = 4;

/** Holds each caller to its calls at once and its tokens per minute. */
export class Leases {
  readonly #concurrency: Concurrency;
  readonly #tokens: TokenWindow;
  #common: GatewayConfig["limits"]["perKey"];

  constructor(deps: ConcurrencyDeps, { perKey }: GatewayConfig["limits"]) {
    this.#concurrency = new Concurrency(deps);
    this.#tokens = new TokenWindow(deps);
    this.#common = perKey;
  }

  /** Holds callers to other limits from now on; calls that run keep their places. */
  configure({ perKey }: GatewayConfig["limits"]): void {
    this.#common = perKey;
  }

  /** Calls that hold a place now. */
  get size(): number {
    return this.#concurrency.size;
  }

  /** Whether a caller is under such a limit at all. */
  applyTo(identity: Identity | undefined): identity is Identity {
    if (!identity || identity.kind === "anonymous") return false;
    const { concurrency, tokensPerMinute } = this.#limitsOf(identity);
    return concurrency !== null || tokensPerMinute !== null;
  }

  /**
   * Makes a call under its caller's limits; whatever way it ends, what it held is given back.
   * @param size characters of the request, and the most tokens the caller wants for an answer
   * @throws GatewayError `rate_limit_exceeded`, and what the call throws
   */
  hold(context: CallContext, size: CallSize, call: Call): Promise<GatewayResponse> {
    const { identity } = context;
    return this.applyTo(identity) ? this.#held(identity, context, size, call) : call(context);
  }

  /**
   * Takes what a call needs.
   * @throws GatewayError `rate_limit_exceeded`
   */
  async take(identity: Identity, { characters, answerTokens }: CallSize): Promise<Lease> {
    const { concurrency, tokensPerMinute } = this.#limitsOf(identity);
    const key = `${identity.kind ?? "host"}:${identity.id}`;
    const giveBack = concurrency === null ? null : await this.#place(key, concurrency);
    if (tokensPerMinute === null) return lease(giveBack, null, null);
    const wanted = Math.ceil(characters / CHARACTERS_PER_TOKEN) + answerTokens;
    const reserved = await this.#tokens.take(key, tokensPerMinute, wanted);
    if (reserved.verdict.admitted)
      return lease(giveBack, reserved, { limit: tokensPerMinute, verdict: reserved.verdict });
    giveBack?.();
    const seconds = Math.max(1, Math.ceil(reserved.verdict.retryMs / 1_000));
    throw new GatewayError("rate_limit_exceeded", {
      details: `${tokensPerMinute} tokens per 60 s per key; retry in ${seconds} s`,
      retryAfterMs: seconds * 1_000,
    });
  }

  close(): void {
    this.#concurrency.close();
  }

  async #held(identity: Identity, context: CallContext, size: CallSize, call: Call): Promise<GatewayResponse> {
    const lease = await this.take(identity, size);
    try {
      const response = await call({ ...context, ended: lease.end });
      if (lease.tokens) addTokenHeaders(response.headers, lease.tokens);
      return response;
    } catch (error) {
      lease.end(null);
      throw error;
    }
  }

  async #place(key: string, limit: number): Promise<GiveBack> {
    const place = await this.#concurrency.take(key, limit);
    if (place) return place;
    throw new GatewayError("rate_limit_exceeded", {
      details: `${limit} calls at once per key; retry when one of them has ended`,
      retryAfterMs: RETRY_MS,
    });
  }

  #limitsOf({ limits }: Identity) {
    const common = this.#common;
    const { concurrency = common?.concurrency ?? null, tokensPerMinute = common?.tokensPerMinute ?? null } =
      limits ?? {};
    return { concurrency, tokensPerMinute };
  }
}

function lease(giveBack: GiveBack | null, reserved: TokenReservation | null, tokens: Lease["tokens"]): Lease {
  let ended = false;
  return {
    tokens,
    end(usage) {
      if (ended) return;
      ended = true;
      giveBack?.();
      if (usage) reserved?.settle(totalOf(usage));
    },
  };
}

/** OpenAI's names, which its client libraries show. */
function addTokenHeaders(headers: Record<string, string>, { limit, verdict }: NonNullable<Lease["tokens"]>): void {
  headers["x-ratelimit-limit-tokens"] = String(limit);
  headers["x-ratelimit-remaining-tokens"] = String(verdict.remaining);
  headers["x-ratelimit-reset-tokens"] = `${Math.ceil(verdict.resetMs / 1_000)}s`;
}

function totalOf({ input, cacheRead, cacheWrite5m, cacheWrite1h, output }: Usage): number {
  return input + cacheRead + cacheWrite5m + cacheWrite1h + output;
}
