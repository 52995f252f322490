/** Of the calls of the last seconds, so many may be repeated… */
const SHARE = 0.2;
/** …and a few where there were hardly any. */
const LEAST_PER_SECOND = 3;
const WINDOW_SECONDS = 10;
const SECOND_MS = 1_000;

/**
 * How many calls to one upstream may be repeated: a fifth of those it got in the last ten seconds, and three a second
 * where that is less. Without it every request to an upstream that is down would come several times, and keep it down.
 */
export class RetryBudget {
  /** By second, in a ring. */
  readonly #calls = new Array<number>(WINDOW_SECONDS).fill(0);
  readonly #retries = new Array<number>(WINDOW_SECONDS).fill(0);
  #callsInWindow = 0;
  #retriesInWindow = 0;
  #second = 0;

  /** Books the first call of a request. @param now monotonic milliseconds */
  count(now: number): void {
    const at = this.#moveTo(now);
    this.#calls[at] = (this.#calls[at] ?? 0) + 1;
    this.#callsInWindow++;
  }

  /** Takes one repetition; false where none is left. @param now monotonic milliseconds */
  take(now: number): boolean {
    const at = this.#moveTo(now);
    const most = Math.max(LEAST_PER_SECOND * WINDOW_SECONDS, this.#callsInWindow * SHARE);
    if (this.#retriesInWindow + 1 > most) return false;
    this.#retries[at] = (this.#retries[at] ?? 0) + 1;
    this.#retriesInWindow++;
    return true;
  }

  /** The place of a moment in the ring, in which what is too old is forgotten. */
  #moveTo(now: number): number {
    const second = Math.floor(now / SECOND_MS);
    if (second > this.#second) this.#forget(second);
    return this.#second % WINDOW_SECONDS;
  }

  #forget(second: number): void {
    const first = Math.max(this.#second + 1, second - WINDOW_SECONDS + 1);
    for (let passed = first; passed <= second; passed++) {
      const at = passed % WINDOW_SECONDS;
      this.#callsInWindow -= this.#calls[at] ?? 0;
      this.#retriesInWindow -= this.#retries[at] ?? 0;
      this.#calls[at] = 0;
      this.#retries[at] = 0;
    }
    this.#second = second;
  }
}
