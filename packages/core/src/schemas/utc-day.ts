const DAY_MS = 86_400_000;

let lastNumber = Number.NaN;
let lastText = "";

/** The day of a time, in UTC: `2026-01-31`. Made once a day, since every call asks. */
export function dayOf(ms: number): string {
  const number = Math.floor(ms / DAY_MS);
  if (number !== lastNumber) {
    lastText = new Date(ms).toISOString().slice(0, 10);
    lastNumber = number;
  }
  return lastText;
}
