import { randomBytes } from "node:crypto";

/** Time, randomness and identifiers; the only source of them in core, so that tests can hold them still. */
export interface Clock {
  /** Wall clock, milliseconds since the epoch. */
  now(): number;
  /** Monotonic clock, milliseconds, fractions included. */
  monotonic(): number;
  /** A number in [0, 1). */
  random(): number;
  /** A new unguessable identifier: `prefix` followed by 128 random bits or more in letters and digits. */
  id(prefix: string): string;
  /** Calls `tick` each `ms` milliseconds, without keeping the process alive, until the returned function is called. */
  every(ms: number, tick: () => void): () => void;
  /** Calls `fire` once after `ms` milliseconds unless the returned function is called first. */
  after(ms: number, fire: () => void): () => void;
}

const ID_DIGITS = 32;
const POOL_BYTES = 4096;

/** Draws identifiers from a pool of random digits: one system call serves hundreds of them. */
function idSource(): (prefix: string) => string {
  let pool = "";
  let next = 0;
  return (prefix) => {
    if (next === pool.length) {
      pool = randomBytes(POOL_BYTES).toString("hex");
      next = 0;
    }
    const start = next;
    next += ID_DIGITS;
    return prefix + pool.slice(start, next);
  };
}

/** The real clock. */
export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    random: () => Math.random(),
    id: idSource(),
    every(ms, tick) {
      const timer = setInterval(tick, ms);
      timer.unref();
      return () => clearInterval(timer);
    },
    after(ms, fire) {
      const timer = setTimeout(fire, ms);
      return () => clearTimeout(timer);
    },
  };
}

/** Resolves after `ms` milliseconds; rejects with the signal's reason when it aborts first. */
export function delay(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const leave = () => {
      cancel();
      reject(signal.reason);
    };
    const cancel = clock.after(ms, () => {
      signal.removeEventListener("abort", leave);
      resolve();
    });
    signal.addEventListener("abort", leave, { once: true });
  });
}

/** Whether `work` succeeds within `ms` milliseconds; never rejects. */
export function succeedsWithin(clock: Clock, ms: number, work: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, () => resolve(false));
    const settle = (succeeded: boolean) => {
      cancel();
      resolve(succeeded);
    };
    work.then(
      () => settle(true),
      () => settle(false),
    );
  });
}
