import { z } from "zod";
import type { LedgerRow } from "./ledger.js";
import { named } from "./registry.js";
import { dayOf } from "./utc-day.js";

/** What sums can be made by. */
export const USAGE_GROUPS = ["day", "key", "user", "model", "provider", "layer", "operation", "tag"] as const;

export const UsageGroup = named("UsageGroup", z.enum(USAGE_GROUPS));

/** What sums can be made by. */
export type UsageGroup = z.infer<typeof UsageGroup>;

/** Counters of {@link UsageTotals} that a number holds. */
export const USAGE_COUNTERS = [
  "requests",
  "calls",
  "failed",
  "unknownCosts",
  "input",
  "cacheRead",
  "cacheWrite5m",
  "cacheWrite1h",
  "output",
  "reasoning",
] as const;

/** Sums of money, in picodollars. */
export const USAGE_SUMS = ["cost", "estimatedCost"] as const;

/** A sum over rows of the ledger. */
export interface UsageTotals
  extends Readonly<Record<(typeof USAGE_COUNTERS)[number], number>>,
    Readonly<Record<(typeof USAGE_SUMS)[number], bigint>> {
  /** What the rows have in common; empty text for those without a key, a user or a tag. */
  readonly group: Readonly<Partial<Record<UsageGroup, string>>>;
}

/** Sums that are being made. */
export type RunningTotals = { -readonly [Name in keyof Omit<UsageTotals, "group">]: UsageTotals[Name] };

/** Sums over nothing. */
export function noTotals(): RunningTotals {
  return {
    requests: 0,
    calls: 0,
    failed: 0,
    unknownCosts: 0,
    input: 0,
    cacheRead: 0,
    cacheWrite5m: 0,
    cacheWrite1h: 0,
    output: 0,
    reasoning: 0,
    cost: 0n,
    estimatedCost: 0n,
  };
}

/** Adds what one row comes to. */
export function addRow(totals: RunningTotals, { attempt, status, cost, estimatedCost, usage }: LedgerRow): void {
  if (attempt === 1) totals.requests++;
  totals.calls++;
  if (status === "failed" || status === "crashed") totals.failed++;
  if (cost === null) totals.unknownCosts++;
  if (cost) totals.cost += BigInt(cost);
  if (estimatedCost) totals.estimatedCost += BigInt(estimatedCost);
  if (!usage) return;
  totals.input += usage.input;
  totals.cacheRead += usage.cacheRead;
  totals.cacheWrite5m += usage.cacheWrite5m;
  totals.cacheWrite1h += usage.cacheWrite1h;
  totals.output += usage.output;
  totals.reasoning += usage.reasoning;
}

/** What one row adds to the sums. */
export function rowTotals(row: LedgerRow): Omit<UsageTotals, "group"> {
  const totals = noTotals();
  addRow(totals, row);
  return totals;
}

/** Two sums in one. */
export function addTotals<Totals extends Omit<UsageTotals, "group">>(
  one: Totals,
  other: Omit<UsageTotals, "group">,
): Totals {
  const sum: Record<string, unknown> = { ...one };
  for (const name of USAGE_COUNTERS) sum[name] = one[name] + other[name];
  for (const name of USAGE_SUMS) sum[name] = one[name] + other[name];
  return sum as Totals; // the same fields
}

/** The cell a row belongs to in a table of sums, without its tags. */
export type UsageCell = Readonly<Record<Exclude<UsageGroup, "tag">, string>>;

export function cellOf({ at, key, user, model, provider, layer, operation }: LedgerRow): UsageCell {
  return { day: dayOf(at), key: key ?? "", user: user ?? "", model, provider, layer, operation };
}
