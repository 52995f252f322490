import type { Socket } from "node:net";
import { type Clock, delay } from "../../../clock.js";
import { GatewayError, isGatewayError } from "../../../errors.js";
import { connectTo } from "../../../net-guard.js";
import { FailureBudget } from "./failure-budget.js";
import type { Reach, Target } from "./reach.js";

/** A refusal comes no sooner than this, so that its speed does not tell a closed port from a guarded one. */
const MIN_FAILURE_MS = 300;

/** On whose behalf a connection is made. */
export interface DialOptions {
  /** Whose failures are counted together. */
  readonly owner: string;
  /** Whether private networks are open. */
  readonly trusted: boolean;
  /** Ends the attempt; its reason is what is thrown. */
  readonly signal: AbortSignal;
}

/** Makes the connections of terminals: where they may go, and how often they may fail. */
export class Dialer {
  readonly #reach: Reach;
  readonly #clock: Clock;
  readonly #budget: FailureBudget;

  constructor(reach: Reach, clock: Clock) {
    this.#reach = reach;
    this.#clock = clock;
    this.#budget = new FailureBudget(clock);
  }

  /**
   * The addresses of a host that somebody else connects to on our behalf, checked like any other.
   * @throws GatewayError `forbidden`, `remote_failed`
   */
  addresses(target: Target, trusted: boolean): Promise<readonly string[]> {
    return this.#reach.addresses(target, trusted);
  }

  /** @throws GatewayError `forbidden`, `rate_limit_exceeded`, `remote_failed`, and what the signal says */
  async connect(target: Target, { owner, trusted, signal }: DialOptions): Promise<Socket> {
    this.#budget.assertLeft(owner);
    const startedAt = this.#clock.monotonic();
    try {
      const addresses = await this.#reach.addresses(target, trusted);
      return await connectTo({ addresses, port: target.port, signal });
    } catch (error) {
      if (!isGatewayError(error) || error.code !== "forbidden") this.#budget.spend(owner);
      await delay(this.#clock, startedAt + MIN_FAILURE_MS - this.#clock.monotonic(), signal);
      throw isGatewayError(error) ? error : unreachable(target, error);
    }
  }
}

function unreachable({ host, port }: Target, cause: unknown): GatewayError {
  return new GatewayError("remote_failed", {
    details: `${host} could not be reached on port ${port}`,
    upstreamCode: "CONNECT_FAILED",
    cause,
  });
}
