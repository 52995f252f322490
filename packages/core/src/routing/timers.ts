import type { Clock } from "../clock.js";
import { type Seated, Seats } from "./seats.js";

/** Something with a deadline that moves. */
export interface Watched extends Seated {
  /** On the clock of {@link TimerWheel.now}; Infinity for none. */
  readonly dueAt: number;
  expire(): void;
}

const TICK_MS = 25;

/**
 * One coarse timer for every deadline there is: moving a deadline costs an assignment, not a timer.
 * Ticks only while something is watched.
 */
export class TimerWheel {
  readonly #clock: Clock;
  readonly #watched = new Seats<Watched>();
  readonly #onTick: (lateMs: number, now: number) => void;
  #stop: (() => void) | null = null;
  #now: number;
  #tickedAt = 0;

  /** @param onTick - told of every tick, how late it was and when it was, in monotonic milliseconds */
  constructor(clock: Clock, onTick: (lateMs: number, now: number) => void = () => {}) {
    this.#clock = clock;
    this.#now = clock.monotonic();
    this.#onTick = onTick;
  }

  /** Monotonic milliseconds as of the last tick or {@link watch}: exact to a tick while anything is watched. */
  get now(): number {
    return this.#now;
  }

  watch(entry: Watched): void {
    this.#now = this.#clock.monotonic();
    this.#watched.add(entry);
    if (this.#stop) return;
    this.#tickedAt = this.#now;
    this.#stop = this.#clock.every(TICK_MS, () => this.#tick());
  }

  unwatch(entry: Watched): void {
    this.#watched.delete(entry);
  }

  #tick(): void {
    this.#now = this.#clock.monotonic();
    this.#onTick(this.#now - this.#tickedAt - TICK_MS, this.#now);
    this.#tickedAt = this.#now;
    if (this.#watched.size === 0) {
      // Stopping at the tick and not at the last unwatch: under load the set runs empty all the time.
      this.#stop?.();
      this.#stop = null;
      return;
    }
    for (const entry of this.#watched.snapshot()) if (entry.seat >= 0 && entry.dueAt <= this.#now) entry.expire();
  }
}
