import type { Clock } from "@sluice/core";

/** A {@link Clock} that stands still until a test moves it. */
export interface FakeClock extends Clock {
  /** Timers that wait to fire. */
  readonly pending: number;
  /** Milliseconds until the next timer; null without one. */
  readonly nextInMs: number | null;
  /** Moves time on by `ms` and fires what falls due on the way, in order. */
  advance(ms: number): void;
  /** Like `advance`, but lets promises and input go on before each timer and at the end. */
  advanceAsync(ms: number): Promise<void>;
  /** Moves time on, timer by timer, until a promise settles; what it waits for besides has a moment of real time for each. */
  advanceUntil<Value>(settled: Promise<Value>): Promise<Value>;
}

/** Options of {@link fakeClock}. */
export interface FakeClockOptions {
  /** Wall clock at the start, milliseconds since the epoch. @defaultValue 2026-01-01T00:00:00Z */
  readonly now?: number;
  /** Start of the sequence of random numbers. @defaultValue 1 */
  readonly seed?: number;
}

interface Timer {
  dueAt: number;
  readonly order: number;
  readonly periodMs: number | null;
  readonly fire: () => void;
}

const ID_LENGTH = 22;
const REAL_MS = 5;

/**
 * Makes a clock for tests: time moves by `advance` alone, identifiers count upwards, random numbers repeat with the seed.
 * @example
 * const clock = fakeClock();
 * clock.after(1_000, () => done());
 * clock.advance(1_000);
 */
export function fakeClock(options: FakeClockOptions = {}): FakeClock {
  return new ManualClock(options);
}

class ManualClock implements FakeClock {
  readonly #startedAt: number;
  readonly #timers = new Set<Timer>();
  #elapsed = 0;
  #order = 0;
  #ids = 0;
  #seed: number;

  constructor({ now = Date.UTC(2026, 0), seed = 1 }: FakeClockOptions) {
    this.#startedAt = now;
    this.#seed = seed;
  }

  get pending(): number {
    return this.#timers.size;
  }

  get nextInMs(): number | null {
    const next = this.#next();
    return next ? next.dueAt - this.#elapsed : null;
  }

  now(): number {
    return this.#startedAt + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  /** Mulberry32. */
  random(): number {
    this.#seed = (this.#seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#seed ^ (this.#seed >>> 15), 1 | this.#seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  id(prefix: string): string {
    return prefix + `${++this.#ids}`.padStart(ID_LENGTH, "0");
  }

  every(ms: number, tick: () => void): () => void {
    const periodMs = Math.max(1, ms); // a period of zero would never let time move on
    return this.#start({ dueAt: this.#elapsed + periodMs, order: this.#order++, periodMs, fire: tick });
  }

  after(ms: number, fire: () => void): () => void {
    return this.#start({ dueAt: this.#elapsed + Math.max(0, ms), order: this.#order++, periodMs: null, fire });
  }

  advance(ms: number): void {
    const until = this.#elapsed + ms;
    for (let next = this.#next(); next && next.dueAt <= until; next = this.#next()) this.#fire(next);
    this.#elapsed = until;
  }

  async advanceAsync(ms: number): Promise<void> {
    const until = this.#elapsed + ms;
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      const next = this.#next();
      if (!next || next.dueAt > until) break;
      this.#fire(next);
    }
    this.#elapsed = until;
  }

  async advanceUntil<Value>(settled: Promise<Value>): Promise<Value> {
    let isSettled = false;
    const settle = () => {
      isSettled = true;
    };
    settled.then(settle, settle);
    while (!isSettled) {
      await new Promise((resolve) => setTimeout(resolve, REAL_MS));
      const next = this.#next();
      if (next && !isSettled) this.#fire(next);
    }
    return settled;
  }

  #start(timer: Timer): () => void {
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  #next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (!first || timer.dueAt < first.dueAt || (timer.dueAt === first.dueAt && timer.order < first.order))
        first = timer;
    }
    return first;
  }

  #fire(timer: Timer): void {
    this.#elapsed = timer.dueAt;
    if (timer.periodMs === null) this.#timers.delete(timer);
    else timer.dueAt += timer.periodMs;
    timer.fire();
  }
}
