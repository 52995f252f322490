/** After this long nothing more is under way. */
const QUIET_MS = 30;
/** A busy machine may pause for longer than that; hardly so often in a row. */
const LOOKS = 4;

/** Waits until what is under way has come. */
export function quiet(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, QUIET_MS));
}

/** The value once it has stopped to change, or has come past `giveUpAt`. */
export async function stillness(value: () => number, giveUpAt = Number.POSITIVE_INFINITY): Promise<number> {
  let last = value();
  for (let same = 0; same < LOOKS && last <= giveUpAt; ) {
    await quiet();
    const next = value();
    same = next === last ? same + 1 : 0;
    last = next;
  }
  return last;
}
