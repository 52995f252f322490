import type { UsageGroup } from "../schemas/usage-totals.js";
import type { UsageReport } from "../schemas/usage-view.js";

const BUCKETS = ["input", "cacheRead", "cacheWrite5m", "cacheWrite1h", "output", "reasoning"] as const;
const COUNTERS = ["requests", "calls", "failed", "unknownCosts"] as const;
const SUMS = ["costUsd", "estimatedCostUsd"] as const;
const DIGITS = 12;

/** A report as comma-separated values with a line of names (RFC 4180). */
export function usageCsv({ data }: UsageReport, groupBy: readonly UsageGroup[]): string {
  const names = [...new Set(groupBy)];
  const lines = data.map(({ group, usage, ...sums }) => [
    ...names.map((name) => text(group[name] ?? "")),
    ...COUNTERS.map((name) => String(sums[name])),
    ...BUCKETS.map((name) => String(usage[name])),
    ...SUMS.map((name) => decimal(sums[name])),
  ]);
  return [[...names, ...COUNTERS, ...BUCKETS, ...SUMS], ...lines].map((line) => `${line.join(",")}\r\n`).join("");
}

/** A name may hold anything; one that spreadsheets would take for a formula is marked as text. */
function text(value: string): string {
  const plain = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

/** No exponents, which not every reader of CSV knows. */
function decimal(value: number): string {
  return value.toFixed(DIGITS).replace(/\.?0+$/, "");
}
