import type { UnitPrice } from "../schemas/ledger.js";
import type { Usage } from "../spec/usage.js";

/**
 * What a call cost, in picodollars: each bucket times its price, without rounding. Null where that is not known: a
 * bucket without a price, a prompt longer than the price holds for, or counts that cannot be true.
 */
export function costOf(usage: Usage, price: UnitPrice): number | null {
  if (price.maxPromptTokens !== null && promptTokens(usage) > price.maxPromptTokens) return null;
  if (usage.cacheWrite1h > 0 && price.cacheWrite1h === null) return null;
  return inexactCostOf(usage, price);
}

/** The same with what is unknown left out: for estimates, which are marked as such. */
export function inexactCostOf(usage: Usage, price: UnitPrice): number | null {
  // Of whole numbers that are not negative, the sum is exact if it is safe: then every product was.
  const pico =
    usage.input * price.input +
    usage.cacheRead * price.cacheRead +
    usage.cacheWrite5m * price.cacheWrite5m +
    usage.cacheWrite1h * (price.cacheWrite1h ?? price.cacheWrite5m) +
    usage.output * price.output;
  return Number.isSafeInteger(pico) ? pico : null;
}

/** Everything that went in, cached or not. */
export function promptTokens({ input, cacheRead, cacheWrite5m, cacheWrite1h }: Usage): number {
  return input + cacheRead + cacheWrite5m + cacheWrite1h;
}

/** Whether a call costs nothing, whatever it uses. */
export function isFree(price: UnitPrice): boolean {
  return (
    price.input === 0 &&
    price.output === 0 &&
    price.cacheRead === 0 &&
    price.cacheWrite5m === 0 &&
    (price.cacheWrite1h ?? 0) === 0
  );
}
