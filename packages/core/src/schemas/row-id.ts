/** Crockford's base 32, whose letters sort as their values do. */
const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const TIME_DIGITS = 10;

/** A whole number in base 32. */
export function base32(value: number, length: number): string {
  let text = "";
  for (let rest = value; text.length < length; rest = Math.floor(rest / 32)) text = DIGITS[rest % 32] + text;
  return text;
}

/** What identifiers of ledger rows begin with that were made at a time, in milliseconds since the epoch; they sort by it. */
export function firstIdAt(ms: number): string {
  return base32(Math.max(0, Math.floor(ms)), TIME_DIGITS);
}
