import type { Budget } from "../../schemas/budget.js";
import { dayOf } from "../../schemas/utc-day.js";

/** The window a time falls into, in UTC: `2026-01-31` or `2026-01`. */
export function windowOf(window: Budget["window"], ms: number): string {
  const day = dayOf(ms);
  return window === "day" ? day : day.slice(0, "2026-01".length);
}

/** When the next window begins, in milliseconds since the epoch. */
export function nextWindow(window: Budget["window"], ms: number): number {
  const now = new Date(ms);
  const month = now.getUTCMonth();
  if (window === "month") return Date.UTC(now.getUTCFullYear(), month + 1, 1);
  return Date.UTC(now.getUTCFullYear(), month, now.getUTCDate() + 1);
}
