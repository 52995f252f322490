import type { Clock } from "../clock.js";
import { GatewayError } from "../errors.js";

export const WINDOW_MS = 15 * 60 * 1_000;
export const FAILURES_PER_ADDRESS = 10;
const MAX_DELAY_MS = 5_000;
const FIRST_DELAY_MS = 100;
/** Typing mistakes from one place wait for nothing. */
const FREE_PER_PAIR = 2;
/** Nor does the owner of a name that others guess at now and then. */
const FREE_PER_USER = 10;
/** More failures of a user than these delay no longer. */
export const REMEMBERED = 16;
const MAX_SUBJECTS = 10_000;

/** A login that is being tried. It counts as failed from its beginning, so that many at once count too. */
export interface LoginAttempt {
  /** How long to wait before the password is looked at, milliseconds. */
  readonly delayMs: number;
  /** The password was right: what failed before in this place for this name is forgiven. */
  succeeded(): void;
  /** It did not fail after all. */
  withdraw(): void;
}

/**
 * Makes guessing passwords slow and locks nobody out: an address has ten failures a quarter of an hour; a name waits
 * longer after each failure from one address, and up to five seconds after many from anywhere.
 */
export class LoginThrottle {
  readonly #clock: Clock;
  readonly #failures = new Map<string, readonly number[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws GatewayError `rate_limit_exceeded` */
  begin(username: string, address: string): LoginAttempt {
    const now = this.#clock.monotonic();
    const { place, pair, user } = subjectsOf(username, address);
    const failures = this.#recent(place, now);
    const [oldest] = failures;
    if (oldest !== undefined && failures.length >= FAILURES_PER_ADDRESS) throw tooMany(oldest + WINDOW_MS - now);
    const delayMs = delayOf(this.#recent(pair, now).length, this.#recent(user, now).length);
    for (const subject of [place, pair, user]) this.#add(subject, now);
    return {
      delayMs,
      succeeded: () => this.#failures.delete(pair),
      withdraw: () => this.#withdraw([place, pair, user], now),
    };
  }

  #recent(subject: string, now: number): readonly number[] {
    return (this.#failures.get(subject) ?? []).filter((at) => at > now - WINDOW_MS);
  }

  #add(subject: string, now: number): void {
    const failures = [...this.#recent(subject, now), now].slice(-REMEMBERED);
    this.#failures.delete(subject); // the least recent one comes first in the map
    this.#failures.set(subject, failures);
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > MAX_SUBJECTS && oldest !== undefined) this.#failures.delete(oldest);
  }

  #withdraw(subjects: readonly string[], at: number): void {
    for (const subject of subjects) {
      const failures = this.#failures.get(subject) ?? [];
      const index = failures.lastIndexOf(at);
      if (index >= 0) this.#failures.set(subject, failures.toSpliced(index, 1));
    }
  }
}

/** What failures are counted by. */
export function subjectsOf(username: string, address: string) {
  const name = username.toLowerCase();
  return { place: `address ${address}`, pair: `pair ${address} ${name}`, user: `user ${name}` };
}

/** How long to wait after so many failures, milliseconds. */
export function delayOf(ofPair: number, ofUser: number): number {
  return Math.max(delayAfter(ofPair - FREE_PER_PAIR), delayAfter(ofUser - FREE_PER_USER));
}

/** The answer to an address that has failed too often. */
export function tooMany(retryAfterMs: number): GatewayError {
  return new GatewayError("rate_limit_exceeded", {
    details: "too many failed logins from this address; try again later",
    retryAfterMs,
  });
}

function delayAfter(failures: number): number {
  return failures <= 0 ? 0 : Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 1));
}
