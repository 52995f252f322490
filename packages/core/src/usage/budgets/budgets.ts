import type { Clock } from "../../clock.js";
import { GatewayError } from "../../errors.js";
import { LiveEntries, type LiveEntriesOptions } from "../../live-entries.js";
import { BUDGETS, type Budget, type BudgetPatch, type BudgetView, NewBudget } from "../../schemas/budget.js";
import { validate } from "../../schemas/validate.js";
import type { UsageStore } from "../../spec/usage-store.js";
import { decimalDollars, dollars } from "../money.js";
import type { Alerts } from "./alerts.js";
import type { Claim, Reservation, SpendCounters } from "./counters.js";
import { nextWindow, windowOf } from "./window.js";

/** What budgets work with. */
export interface BudgetsDeps {
  readonly store: LiveEntriesOptions<Budget>["store"] & { readonly usage: UsageStore };
  readonly clock: Clock;
  /** Those of the configuration; what was changed at run time goes before them. */
  readonly seeds: readonly Budget[];
  readonly counters: SpendCounters;
  readonly alerts: Alerts;
  /** Brings rows that wait into the store. */
  readonly flush: () => Promise<void>;
  readonly onError: (error: unknown) => void;
}

/** Who pays for a call. */
export interface Payer {
  readonly key: string | null;
  readonly user: string | null;
}

/** How often what was spent is asked for where a start had to do without it. */
const RETRY_MS = 2_000;

const PICO_PER_USD = 1_000_000_000_000n;
const DAY_MS = 86_400_000;
/** A counter that was not used for so long is of a window that is over, and calls that began in it have ended. */
const KEEP_MS = { day: 2 * DAY_MS, month: 33 * DAY_MS } as const;

/**
 * Who may spend how much. The most a call can cost is reserved on every budget it falls under before it is made, and
 * replaced by what it did cost after: calls at the same time cannot together exceed a budget that each would keep.
 */
export class Budgets {
  readonly #deps: BudgetsDeps;
  readonly #entries: LiveEntries<Budget>;
  #seeds: readonly Budget[];
  #budgets: readonly Budget[];
  #isOpen = false;
  #loading: Promise<void> = Promise.resolve();
  #stopTrying: (() => void) | undefined;

  constructor(deps: BudgetsDeps) {
    const { store, onError } = deps;
    this.#deps = deps;
    this.#seeds = deps.seeds;
    this.#budgets = deps.seeds;
    this.#entries = new LiveEntries({ store, kind: BUDGETS, onSwap: () => this.#rebuild(), onError });
  }

  /** Loads the budgets and what was spent. @throws GatewayError `store_unavailable` */
  async open(): Promise<void> {
    await this.#entries.open();
    this.#isOpen = true;
    await this.#loadSpent().catch((error: unknown) => this.#loadSpentLater(error));
  }

  /** Other budgets of the configuration from now on. What was spent counts for them, too. */
  configure(seeds: readonly Budget[]): void {
    this.#seeds = seeds;
    this.#rebuild();
    if (this.#isOpen) this.#loadSpent().catch(this.#deps.onError); // for the threshold, which may be new
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    this.#stopTrying?.();
    this.#entries.close();
    await this.#deps.counters.close?.();
  }

  /** Whether anybody's spending is limited at all. */
  get areSet(): boolean {
    return this.#budgets.length > 0;
  }

  /**
   * Puts the most a call can cost aside. A promise only where counters are shared.
   * @throws GatewayError `insufficient_quota`
   */
  reserve(payer: Payer, amount: bigint): Reservation | Promise<Reservation> {
    const reservation = { claims: claimsOf(this.#budgets, payer, this.#deps.clock.now()), amount };
    const taken = this.#deps.counters.reserve(reservation);
    return taken instanceof Promise
      ? taken.then((exceeded) => this.#reserved(exceeded, reservation))
      : this.#reserved(taken, reservation);
  }

  /** Whether there is room for a call, for all this process knows. Nothing is put aside. */
  affords(payer: Payer, amount: bigint): boolean {
    if (amount === 0n) return true;
    const claims = claimsOf(this.#budgets, payer, this.#deps.clock.now());
    return claims.every(({ counter, limit }) => this.#deps.counters.known(counter) + amount <= limit);
  }

  /** Replaces what was put aside by what was spent. */
  settle(reservation: Reservation, spent: bigint): void {
    if (reservation.claims.length > 0) this.#deps.counters.settle(reservation, spent);
    this.#deps.alerts.spent(spent);
  }

  /** Every budget, by id. */
  async list(): Promise<readonly BudgetView[]> {
    return Promise.all(this.#budgets.map((budget) => this.#view(budget)));
  }

  /** @throws GatewayError `invalid_request`, `conflict`, `store_unavailable` */
  async create(input: NewBudget): Promise<BudgetView> {
    const budget = validate(NewBudget, input);
    await this.#entries.update(budget.id, (stored) => {
      if (this.#live(budget.id, stored)) {
        throw new GatewayError("conflict", { param: "id", details: `budget ${budget.id} exists already` });
      }
      return budget;
    });
    await this.#loadSpent();
    return this.#view(budget);
  }

  /** @throws GatewayError `not_found`, `store_unavailable` */
  async update(
    id: string,
    { limitUsd }: BudgetPatch,
  ): Promise<{ readonly before: Budget; readonly after: BudgetView }> {
    let before: Budget | undefined;
    const budget = await this.#entries.update(id, (stored) => {
      before = this.#found(id, stored);
      return { ...before, limitUsd };
    });
    return { before: before ?? budget, after: await this.#view(budget) };
  }

  /** What it was. @throws GatewayError `not_found`, `store_unavailable` */
  async remove(id: string): Promise<Budget> {
    let before: Budget | undefined;
    await this.#entries.update(id, (stored) => {
      before = this.#found(id, stored);
      return null;
    });
    return before as Budget; // it was found, or that has thrown
  }

  #live(id: string, stored: Budget | null | undefined): Budget | null {
    if (stored !== undefined) return stored;
    return this.#seeds.find((seed) => seed.id === id) ?? null;
  }

  #found(id: string, stored: Budget | null | undefined): Budget {
    const budget = this.#live(id, stored);
    if (!budget) throw new GatewayError("not_found", { details: `there is no budget ${id.slice(0, 64)}` });
    return budget;
  }

  #reserved(exceeded: Claim | null, reservation: Reservation): Reservation {
    if (!exceeded) return reservation;
    const budget = this.#budgets.find((each) => exceeded.counter.startsWith(prefixOf(each)));
    this.#deps.alerts.exhausted(exceeded, budget?.id ?? null);
    throw new GatewayError("insufficient_quota", {
      details: `budget ${budget?.id ?? exceeded.counter} of $${decimalDollars(exceeded.limit)} leaves no room for this call, which may cost up to $${decimalDollars(reservation.amount)}; max_tokens bounds that`,
    });
  }

  #rebuild(): void {
    const before = new Set(this.#budgets.map(({ id }) => id));
    const budgets = new Map(this.#seeds.map((seed) => [seed.id, seed]));
    for (const [id, budget] of this.#entries.entries) {
      if (budget) budgets.set(id, budget);
      else budgets.delete(id);
    }
    this.#budgets = [...budgets.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
    const hasNew = this.#budgets.some(({ id }) => !before.has(id));
    if (hasNew && this.#isOpen) this.#loadSpent().catch(this.#deps.onError); // another instance may have added it
  }

  /** Started without its ledger, a gateway counts from nothing until that answers: no call waits for a store. */
  #loadSpentLater(error: unknown): void {
    this.#deps.onError(error);
    this.#stopTrying = this.#deps.clock.every(RETRY_MS, () => {
      this.#loadSpent().then(
        () => this.#stopTrying?.(),
        () => {}, // tried again by the same timer
      );
    });
  }

  #loadSpent(): Promise<void> {
    const loaded = this.#loading.then(() => this.#deps.counters.load(() => this.#readSpent()));
    this.#loading = loaded.catch(() => {}); // whoever asked hears of it
    return loaded;
  }

  /** What the ledger says was spent in the windows of now. */
  async #readSpent(): Promise<ReadonlyMap<string, bigint>> {
    const { clock, store, flush, alerts } = this.#deps;
    await flush();
    const now = clock.now();
    const today = windowOf("day", now);
    const from = `${windowOf("month", now)}-01`;
    const totals = await store.usage.totals({ from, to: today, groupBy: ["day", "key", "user"] });
    const spent = new Map<string, bigint>();
    let spentToday = 0n;
    for (const { group, cost, estimatedCost } of totals) {
      const amount = cost + estimatedCost;
      if (group.day === today) spentToday += amount;
      const payer = { key: group.key || null, user: group.user || null };
      const budgets = this.#budgets.filter(({ window }) => window === "month" || group.day === today);
      for (const { counter } of claimsOf(budgets, payer, now)) spent.set(counter, (spent.get(counter) ?? 0n) + amount);
    }
    alerts.load(spentToday);
    if (alerts.counter !== null) spent.set(alerts.counter, spentToday);
    return spent;
  }

  async #view(budget: Budget): Promise<BudgetView> {
    const { clock, counters } = this.#deps;
    const now = clock.now();
    const payer = budget.scope === "global" ? "" : budget.subject;
    return {
      ...budget,
      usedUsd: payer === null ? null : dollars(await counters.used(counterOf(budget, payer, now))),
      resetsAt: new Date(nextWindow(budget.window, now)).toISOString(),
    };
  }
}

/** What a call of this payer is counted on. */
function claimsOf(budgets: readonly Budget[], { key, user }: Payer, now: number): readonly Claim[] {
  const claims: Claim[] = [];
  for (const budget of budgets) {
    const payer = budget.scope === "global" ? "" : budget.scope === "key" ? key : user;
    if (payer === null || (budget.subject !== null && budget.subject !== payer)) continue;
    const { window, limitUsd } = budget;
    claims.push({ counter: counterOf(budget, payer, now), limit: picoOf(limitUsd), keepMs: KEEP_MS[window] });
  }
  return claims;
}

function prefixOf({ id, scope }: Budget): string {
  return `${id}|${scope}:`;
}

function counterOf(budget: Budget, payer: string, now: number): string {
  return `${prefixOf(budget)}${payer}|${windowOf(budget.window, now)}`;
}

/** Budgets are counted to a millionth of a dollar. */
function picoOf(usd: number): bigint {
  return BigInt(Math.round(usd * 1e6)) * (PICO_PER_USD / 1_000_000n);
}
