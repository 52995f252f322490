import type { Clock } from "../../clock.js";
import { GatewayError, isGatewayError } from "../../errors.js";
import { LiveEntries, type LiveEntriesOptions } from "../../live-entries.js";
import { ALERTS, type Alert } from "../../schemas/budget.js";
import type { Logger } from "../../spec/logger.js";
import { dollars, picodollars } from "../money.js";
import type { Claim } from "./counters.js";
import { windowOf } from "./window.js";

/** What alerts work with. */
export interface AlertsDeps {
  readonly store: LiveEntriesOptions<Alert>["store"];
  readonly clock: Clock;
  readonly logger: Logger;
  /** US dollars a day, over everybody; 0 for none. */
  readonly thresholdUsd: number;
  /** Tells listeners, and whoever else wants to know. */
  readonly tell: (alert: Alert) => void;
}

/**
 * Says once per window that the configured threshold was passed or a budget is spent. That it was said is kept in the
 * store, so that it is not said again after a restart, nor by another instance.
 */
export class Alerts {
  readonly #deps: AlertsDeps;
  readonly #entries: LiveEntries<Alert>;
  /** Ids of what this instance has raised. */
  #raised = new Set<string>();
  #day = "";
  #spentToday = 0n;

  constructor(deps: AlertsDeps) {
    this.#deps = deps;
    this.#entries = new LiveEntries({ store: deps.store, kind: ALERTS });
  }

  /** @throws GatewayError `store_unavailable` */
  open(): Promise<void> {
    return this.#entries.open();
  }

  close(): void {
    this.#entries.close();
  }

  /** What was spent today before this process began to count. */
  load(spentToday: bigint): void {
    this.#turn();
    this.#spentToday = spentToday;
  }

  /** Counts what a call came to. */
  spent(amount: bigint): void {
    const { thresholdUsd } = this.#deps;
    if (thresholdUsd === 0) return;
    this.#turn();
    this.#spentToday += amount;
    const limit = picodollars(thresholdUsd);
    if (limit === null || this.#spentToday < BigInt(limit)) return;
    this.#raise({
      id: `threshold|${this.#day}`,
      kind: "threshold",
      budget: null,
      subject: null,
      window: this.#day,
      usedUsd: dollars(this.#spentToday),
      limitUsd: thresholdUsd,
    });
  }

  /** A budget has refused a call. */
  exhausted({ counter, limit }: Claim, budget: string | null): void {
    const [, who = "", window = ""] = counter.split("|");
    const subject = who.slice(who.indexOf(":") + 1);
    this.#raise({
      id: counter,
      kind: "budget",
      budget,
      subject: subject === "" ? null : subject,
      window,
      usedUsd: dollars(limit),
      limitUsd: dollars(limit),
    });
  }

  /** Every alert, the newest first. */
  list(): readonly Alert[] {
    return [...this.#entries.entries.values()]
      .filter((alert) => alert !== null)
      .sort((one, other) => (one.at < other.at ? 1 : -1));
  }

  /** Takes an alert off the list; it is not raised again. @throws GatewayError `not_found`, `store_unavailable` */
  async remove(id: string): Promise<void> {
    await this.#entries.update(id, (stored) => {
      if (!stored) throw new GatewayError("not_found", { details: "there is no such alert" });
      return null;
    });
  }

  #turn(): void {
    const day = windowOf("day", this.#deps.clock.now());
    if (day === this.#day) return;
    this.#day = day;
    this.#spentToday = 0n;
    this.#raised = new Set();
  }

  #raise(fields: Omit<Alert, "at">): void {
    if (this.#raised.has(fields.id)) return;
    this.#raised.add(fields.id);
    const alert = { ...fields, at: new Date(this.#deps.clock.now()).toISOString() };
    void this.#record(alert);
  }

  /** Whoever writes it first tells it. Without a store it is told all the same. */
  async #record(alert: Alert): Promise<void> {
    let known = false;
    try {
      await this.#entries.update(alert.id, (stored) => {
        known = stored !== undefined;
        return known ? stored : alert;
      });
    } catch (error) {
      if (!isGatewayError(error)) throw error;
    }
    if (known) return;
    this.#deps.logger.warn({ event: "cost-alert", ...alert }, "money: a limit was reached");
    this.#deps.tell(alert);
  }
}
