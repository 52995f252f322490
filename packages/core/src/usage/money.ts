/**
 * Money is counted in whole picodollars (1e-12 US dollars), so that sums are exact: a price of $0.05 per million tokens
 * is 50,000 of them per token. A number holds up to $9,007 exactly, which no single call costs; totals are `bigint`.
 */
const PICO_PER_USD = 1e12;
const DIGITS = 12;

/** Whole picodollars; null where the amount is none, or more than a number counts exactly. */
export function picodollars(usd: number): number | null {
  const pico = Math.round(usd * PICO_PER_USD);
  return Number.isSafeInteger(pico) && pico >= 0 ? pico : null;
}

/** US dollars as the number that prints as the exact amount, up to 15 digits. */
export function dollars(pico: number | bigint): number {
  return Number(pico) / PICO_PER_USD;
}

/** US dollars as exact decimal text, without an exponent. */
export function decimalDollars(pico: number | bigint): string {
  const digits = BigInt(pico)
    .toString()
    .padStart(DIGITS + 1, "0");
  const fraction = digits.slice(-DIGITS).replace(/0+$/, "");
  return digits.slice(0, -DIGITS) + (fraction === "" ? "" : `.${fraction}`);
}
