import { randomUUID } from "node:crypto";
import { GatewayError } from "../errors.js";
import type { PasswordHasher } from "../spec/password-hasher.js";

/** Hashes fill the threads that also look up host names; with more at once, logins would stall calls to providers. */
const AT_ONCE = 2;
const MAX_WAITING = 16;

/** Hashes passwords and holds them against hashes, a few at a time. */
export class Passwords {
  readonly #hasher: PasswordHasher;
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  /** What an unknown user's password is held against, so that the answer takes as long as for a known one. */
  #nobodysHash: string | null = null;

  constructor(hasher: PasswordHasher) {
    this.#hasher = hasher;
  }

  /** A new salted hash. @throws GatewayError `rate_limit_exceeded` when too many wait */
  hash(password: string): Promise<string> {
    return this.#inTurn(() => this.#hasher.hash(password));
  }

  /**
   * Whether a password is the one of a stored hash; for no hash, false after the same time.
   * @throws GatewayError `rate_limit_exceeded` when too many wait
   */
  verify(password: string, stored: string | undefined): Promise<boolean> {
    return this.#inTurn(async () => {
      this.#nobodysHash ??= await this.#hasher.hash(randomUUID());
      const isRight = await this.#hasher.verify(password, stored ?? this.#nobodysHash);
      return isRight && stored !== undefined;
    });
  }

  /** Whether a stored hash should be made anew. */
  isOutdated(stored: string): boolean {
    return this.#hasher.isOutdated(stored);
  }

  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.#turn();
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next)
        next(); // the turn changes hands
      else this.#running--;
    }
  }

  async #turn(): Promise<void> {
    if (this.#running < AT_ONCE) {
      this.#running++;
      return;
    }
    if (this.#waiting.length >= MAX_WAITING) {
      throw new GatewayError("rate_limit_exceeded", {
        details: "too many logins at once; try again in a moment",
        retryAfterMs: 1_000,
      });
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
