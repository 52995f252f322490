import { z } from "zod";
import type { LedgerRow } from "./ledger.js";
import { named } from "./registry.js";

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

/** The day of a row, in UTC. */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** What one row adds to the sums. */
export function rowTotals({ attempt, status, cost, estimatedCost, usage }: LedgerRow): Omit<UsageTotals, "group"> {
  return {
    requests: attempt === 1 ? 1 : 0,
    calls: 1,
    failed: status === "failed" || status === "crashed" ? 1 : 0,
    unknownCosts: cost === null ? 1 : 0,
    input: usage?.input ?? 0,
    cacheRead: usage?.cacheRead ?? 0,
    cacheWrite5m: usage?.cacheWrite5m ?? 0,
    cacheWrite1h: usage?.cacheWrite1h ?? 0,
    output: usage?.output ?? 0,
    reasoning: usage?.reasoning ?? 0,
    cost: BigInt(cost ?? 0),
    estimatedCost: BigInt(estimatedCost ?? 0),
  };
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
