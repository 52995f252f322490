import type { Clock } from "../../clock.js";
import { GatewayError } from "../../errors.js";
import type { GatewayConfig } from "../../schemas/options.js";
import type { Logger } from "../../spec/logger.js";

/** What {@link Overload} is made of. */
export interface OverloadDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Model calls that run now. */
  readonly running: () => number;
  /** The memory of this process, and the most it may have; null for no limit. Bytes. */
  readonly memory: () => { readonly used: number; readonly limit: number | null };
}

/** With fewer calls than this, what holds the process up is something else, and refusing calls would not help. */
const FEW_CALLS = 128;
/** So many ticks in a row have to be late, for so long: garbage is collected now and then, and other processes have their turn. */
const LATE_TICKS = 4;
const LATE_FOR_MS = 1_000;
/** Who was late for long has to be in time for as long. */
const RECENT_MS = 1_000;
const MEMORY_LOOK_MS = 500;
const RETRY_MS = 1_000;
/** How often the log says that calls are refused. */
const LOG_EVERY_MS = 10_000;

/**
 * Says when this process has more calls than it can serve, so that it refuses some at once instead of serving all of them
 * late. What costs anything is found out by the tick of a timer that runs with the calls anyway.
 */
export class Overload {
  readonly #deps: OverloadDeps;
  #config: GatewayConfig["overload"];
  /** Ticks in a row that were late, and since when. */
  #lateTicks = 0;
  #lateSince = 0;
  /** When it last was late for long. */
  #lateAt = Number.NEGATIVE_INFINITY;
  #memoryShare = 0;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #loggedAt = Number.NEGATIVE_INFINITY;

  constructor(deps: OverloadDeps, config: GatewayConfig["overload"]) {
    this.#deps = deps;
    this.#config = config;
  }

  /** Decides by other limits from now on. */
  configure(config: GatewayConfig["overload"]): void {
    this.#config = config;
  }

  /** Takes note of how late a timer was. @param now monotonic milliseconds */
  tick(lateMs: number, now: number): void {
    const { eventLoopDelayMs, memoryShare } = this.#config;
    if (eventLoopDelayMs === null || lateMs <= eventLoopDelayMs) this.#lateTicks = 0;
    else {
      if (this.#lateTicks++ === 0) this.#lateSince = now - lateMs;
      const lateForLong = this.#lateTicks >= LATE_TICKS && now - this.#lateSince >= LATE_FOR_MS;
      if (lateForLong || this.#isLate(now)) this.#lateAt = now;
    }
    if (memoryShare === null || now - this.#lookedAt < MEMORY_LOOK_MS) return;
    this.#lookedAt = now;
    const { used, limit } = this.#deps.memory();
    this.#memoryShare = limit === null ? 0 : used / limit;
  }

  /** Why calls are refused now, in words; null while they are not. */
  get reason(): string | null {
    const { maxCalls, eventLoopDelayMs, memoryShare } = this.#config;
    const running = this.#deps.running();
    if (maxCalls !== null && running >= maxCalls) return `${maxCalls} calls run, as many as may (overload.maxCalls)`;
    if (running < FEW_CALLS) return null;
    if (this.#isLate(this.#deps.clock.monotonic()))
      return `the process is more than ${eventLoopDelayMs} ms late (overload.eventLoopDelayMs)`;
    if (memoryShare !== null && this.#memoryShare > memoryShare)
      return `more than ${Math.round(memoryShare * 100)} % of the memory is used (overload.memoryShare)`;
    return null;
  }

  /** Lets a call in. @throws GatewayError `server_overloaded` */
  admit(): void {
    const { reason } = this;
    if (reason === null) return;
    this.#log(reason);
    throw new GatewayError("server_overloaded", { details: reason, retryAfterMs: RETRY_MS });
  }

  #isLate(now: number): boolean {
    return now - this.#lateAt <= RECENT_MS;
  }

  #log(reason: string): void {
    const now = this.#deps.clock.monotonic();
    if (now - this.#loggedAt < LOG_EVERY_MS) return;
    this.#loggedAt = now;
    this.#deps.logger.warn({ event: "overload", details: reason }, "calls are refused: the gateway is overloaded");
  }
}
