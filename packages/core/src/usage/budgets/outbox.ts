import type { Reservation } from "./counters.js";

/** A reservation that Redis may hold, and has to forget. */
export interface Closed {
  readonly ticket: string;
  readonly reservation: Reservation;
}

/** What was spent on one counter. */
export interface Spent {
  amount: bigint;
  /** The part of it that was reserved without Redis. */
  apart: bigint;
  readonly keepMs: number;
}

/** What is told to Redis at once. */
export interface Batch {
  /** Grows by one with each. */
  readonly number: number;
  readonly closed: readonly Closed[];
  readonly spent: ReadonlyMap<string, Spent>;
}

/** As much as a script should take up at once. */
const MOST_AT_ONCE = 250;

/** What calls came to and Redis has not heard yet. */
export class Outbox {
  #closed: Closed[] = [];
  #spent = new Map<string, Spent>();

  get isEmpty(): boolean {
    return this.#closed.length === 0 && this.#spent.size === 0;
  }

  /** A call has ended. @param ticket what Redis knows its reservation by; null where it does not */
  add(reservation: Reservation, ticket: string | null, spent: bigint, isApart: boolean): void {
    if (ticket !== null) this.#closed.push({ ticket, reservation });
    if (spent === 0n) return;
    for (const { counter, keepMs } of reservation.claims) {
      this.#put(counter, { amount: spent, apart: isApart ? spent : 0n, keepMs });
    }
  }

  /** Takes out as much as goes into one batch. */
  take(number: number): Batch {
    const closed = this.#closed.slice(0, MOST_AT_ONCE);
    this.#closed = this.#closed.slice(closed.length);
    const spent = new Map([...this.#spent].slice(0, MOST_AT_ONCE));
    for (const counter of spent.keys()) this.#spent.delete(counter);
    return { number, closed, spent };
  }

  /** Puts back what was taken out. */
  putBack({ closed, spent }: Pick<Batch, "closed" | "spent">): void {
    this.#closed = [...closed, ...this.#closed];
    for (const [counter, amounts] of spent) this.#put(counter, amounts);
  }

  /** Takes everything out. */
  empty(): Pick<Batch, "closed" | "spent"> {
    const all = { closed: this.#closed, spent: this.#spent };
    this.#closed = [];
    this.#spent = new Map();
    return all;
  }

  #put(counter: string, { amount, apart, keepMs }: Spent): void {
    const sum = this.#spent.get(counter) ?? { amount: 0n, apart: 0n, keepMs };
    sum.amount += amount;
    sum.apart += apart;
    this.#spent.set(counter, sum);
  }
}
