import type { Clock } from "../../clock.js";
import { GatewayError, isGatewayError } from "../../errors.js";
import { LiveEntries, type LiveEntriesOptions } from "../../live-entries.js";
import { ALERTS, type Alert } from "../../schemas/budget.js";
import type { Logger } from "../../spec/logger.js";
import { dollars, picodollars } from "../money.js";
import type { Claim } from "./counters.js";
import { windowOf } from "./window.js";

/** Money counted over every instance. Everything rejects while that is not possible. */
export interface SharedTotals {
  /** Adds to a counter and tells what it holds. */
  add(counter: string, amount: bigint, keepMs: number): Promise<bigint>;
  /** Whether no instance has asked this of the same mark before. */
  isFirst(mark: string, keepMs: number): Promise<boolean>;
}

/** What alerts work with. */
export interface AlertsDeps {
  readonly store: LiveEntriesOptions<Alert>["store"];
  readonly clock: Clock;
  readonly logger: Logger;
  /** That of {@link Alerts.thresholdUsd} at first. */
  readonly thresholdUsd: number;
  /** Where instances count together; null for each by itself. */
  readonly shared: SharedTotals | null;
  /** Tells listeners, and whoever else wants to know. */
  readonly tell: (alert: Alert) => void;
}

/** How often an instance tells the others what it has spent. */
const SHARE_MS = 1_000;
const DAY_MS = 86_400_000;
/** Longer than a month. */
const KEEP_MARK_MS = 33 * DAY_MS;

/**
 * Says once per window that the configured threshold was passed or a budget is spent. That it was said is kept in the
 * store, so that it is not said again after a restart, nor by another instance. Where instances count together the
 * threshold is that of them all, and only one says so, whatever stores they have.
 */
export class Alerts {
  readonly #deps: AlertsDeps;
  readonly #entries: LiveEntries<Alert>;
  /** Ids of what this instance has raised. */
  #raised = new Set<string>();
  #day = "";
  #spentToday = 0n;
  /** The part of it that the others do not know of. */
  #unshared = 0n;
  #stopSharing: (() => void) | null = null;
  /** US dollars a day, over everybody; 0 for none. */
  thresholdUsd: number;

  constructor(deps: AlertsDeps) {
    this.#deps = deps;
    this.thresholdUsd = deps.thresholdUsd;
    this.#entries = new LiveEntries({ store: deps.store, kind: ALERTS });
  }

  /** @throws GatewayError `store_unavailable` */
  open(): Promise<void> {
    const { clock, shared } = this.#deps;
    if (shared) this.#stopSharing ??= clock.every(SHARE_MS, () => void this.#share());
    return this.#entries.open();
  }

  async close(): Promise<void> {
    this.#stopSharing?.();
    this.#entries.close();
    await this.#share();
  }

  /** The counter of what is spent today; null where nobody asks. */
  get counter(): string | null {
    if (this.thresholdUsd === 0) return null;
    this.#turn();
    return thresholdId(this.#day);
  }

  /** What was spent today before this process began to count. */
  load(spentToday: bigint): void {
    this.#turn();
    this.#spentToday = spentToday;
  }

  /** Counts what a call came to. */
  spent(amount: bigint): void {
    if (amount === 0n) return;
    if (this.thresholdUsd === 0) return;
    this.#turn();
    this.#spentToday += amount;
    if (this.#deps.shared) this.#unshared += amount;
    this.#compare(this.#day, this.#spentToday);
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

  /** Takes an alert off the list, and tells what it was; it is not raised again. @throws GatewayError `not_found`, `store_unavailable` */
  async remove(id: string): Promise<Alert> {
    let before: Alert | undefined;
    await this.#entries.update(id, (stored) => {
      if (!stored) throw new GatewayError("not_found", { details: "there is no such alert" });
      before = stored;
      return null;
    });
    return before as Alert; // it was there, or that has thrown
  }

  /** Adds what this instance has spent to what the others have. */
  async #share(): Promise<void> {
    const { shared } = this.#deps;
    const [day, amount] = [this.#day, this.#unshared];
    if (!shared || amount === 0n) return;
    this.#unshared = 0n;
    try {
      this.#compare(day, await shared.add(thresholdId(day), amount, 2 * DAY_MS));
    } catch {
      if (day === this.#day) this.#unshared += amount; // with the next
    }
  }

  #compare(day: string, spent: bigint): void {
    const limit = picodollars(this.thresholdUsd);
    if (limit === null || spent < BigInt(limit)) return;
    this.#raise({
      id: thresholdId(day),
      kind: "threshold",
      budget: null,
      subject: null,
      window: day,
      usedUsd: dollars(spent),
      limitUsd: this.thresholdUsd,
    });
  }

  #turn(): void {
    const day = windowOf("day", this.#deps.clock.now());
    if (day === this.#day) return;
    void this.#share();
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
    if (known || !(await this.#isFirst(alert.id))) return;
    this.#deps.logger.warn({ event: "cost-alert", ...alert }, "money: a limit was reached");
    this.#deps.tell(alert);
  }

  async #isFirst(id: string): Promise<boolean> {
    const { shared } = this.#deps;
    return shared === null || (await shared.isFirst(id, KEEP_MARK_MS).catch(() => true));
  }
}

function thresholdId(day: string): string {
  return `threshold|${day}`;
}
