import type { Clock } from "../../clock.js";
import type { RedisLink } from "../../redis/redis-link.js";
import type { Claim, Reservation, SpendCounters } from "./counters.js";
import { Courier } from "./courier.js";
import { type Others, SpendLink, type Ticketed } from "./spend-link.js";
import { Tallies } from "./tally.js";

/** What {@link SharedCounters} are made of. */
export interface SharedCountersDeps {
  readonly link: RedisLink;
  readonly clock: Clock;
  /**
   * How many instances count together at least: each has its part of what is left while Redis is away. Those that Redis
   * knew of count where they are more.
   */
  readonly instances: number;
}

/** A reservation of this process that has not been settled. */
interface Open {
  /** What Redis knows it by; null where it does not. */
  ticket: string | null;
  /** Whether it is counted here because Redis may not know it. */
  isApart: boolean;
}

/** How soon a Redis that is back is used again where nobody asks. */
const TICK_MS = 1_000;
/** A third of a lease, so that two may fail. */
const RENEW_TICKS = 10;
/** Counters used so lately are asked for, for what others spend on them. */
const LATELY_MS = 30_000;
/** So many reservations are taken over at once. */
const MOST_AT_ONCE = 250;

/**
 * Counters in Redis, over every process that uses the same. A reservation is one script; what a call came to is told in
 * batches, each of which counts once however often it is sent. Reservations of a process that was killed are given back
 * when its lease ends.
 *
 * While Redis is away no call waits or fails for it: a process reserves from its part of what was left by then. When
 * Redis is back it is told what it has missed; where it has forgotten everything, the ledger is read again.
 */
export class SharedCounters implements SpendCounters {
  readonly #clock: Clock;
  readonly #redis: SpendLink;
  readonly #least: number;
  #instances: number;
  readonly #tallies: Tallies;
  readonly #courier: Courier;
  readonly #open = new Map<Reservation, Open>();
  #read: () => Promise<Spending> = async () => new Map();
  #isTogether = false;
  /** Whether Redis knows nothing of this process. */
  #isLost = true;
  #syncing: Promise<void> | null = null;
  #tickets = 0;
  #ticks = 0;
  #stopTicking: (() => void) | null = null;

  constructor({ link, clock, instances }: SharedCountersDeps) {
    this.#clock = clock;
    this.#redis = new SpendLink(link, clock.id(""));
    this.#least = instances;
    this.#instances = instances;
    this.#tallies = new Tallies(() => clock.now());
    this.#courier = new Courier({
      redis: this.#redis,
      tallies: this.#tallies,
      onTrouble: (trouble) => {
        this.#isTogether = false;
        this.#isLost ||= trouble === "lost";
      },
    });
  }

  /** Whether this process counts for itself, because Redis is away. */
  get isApart(): boolean {
    return !this.#isTogether || !this.#redis.isUsable;
  }

  reserve(reservation: Reservation): Claim | null | Promise<Claim | null> {
    if (reservation.amount === 0n || reservation.claims.length === 0) return null;
    if (!this.#redis.isUsable) this.#isTogether = false;
    else if (this.#isTogether) return this.#reserveTogether(reservation);
    else void this.#sync();
    return this.#reserveApart(reservation, null);
  }

  settle(reservation: Reservation, spent: bigint): void {
    const open = this.#open.get(reservation);
    this.#open.delete(reservation);
    const isApart = open?.isApart ?? !this.#isTogether;
    const difference = open ? spent - reservation.amount : spent;
    for (const { counter, keepMs } of reservation.claims) {
      if (isApart) this.#tallies.takeApart(counter, keepMs, difference);
      else this.#tallies.correct(counter, keepMs, difference);
    }
    this.#courier.add(reservation, open?.ticket ?? null, spent, isApart);
    if (this.#isTogether) void this.#courier.send();
  }

  async used(counter: string): Promise<bigint> {
    if (this.#isTogether && this.#redis.isUsable) await this.#hear([counter]).catch(() => undefined); // it is known about
    return this.known(counter);
  }

  known(counter: string): bigint {
    return this.#tallies.known(counter);
  }

  async load(read: () => Promise<ReadonlyMap<string, bigint>>): Promise<void> {
    this.#read = read;
    this.#stopTicking ??= this.#clock.every(TICK_MS, () => void this.#tick());
    const spent = await this.#readLedger();
    await this.#syncing; // which does not know of this
    if (this.#redis.isUsable) await this.#sync(spent.found ?? new Map());
    if (spent.found === null) throw spent.error;
  }

  /** Adds to a counter without a limit, and tells what it holds over all processes. Rejects while Redis is away. */
  add(counter: string, amount: bigint, keepMs: number): Promise<bigint> {
    if (!this.#redis.isUsable) return Promise.reject(new Error("Redis is away"));
    return this.#redis.add(counter, amount, keepMs);
  }

  /** Whether nobody has asked this of the same mark before, in any process. Rejects while Redis is away. */
  isFirst(mark: string, keepMs: number): Promise<boolean> {
    if (!this.#redis.isUsable) return Promise.reject(new Error("Redis is away"));
    return this.#redis.isFirst(mark, keepMs);
  }

  /** Tells Redis what it has not heard yet, and that this process is gone. */
  async close(): Promise<void> {
    this.#stopTicking?.();
    this.#stopTicking = null;
    if (!this.#redis.isUsable) return;
    await this.#syncing;
    if (this.#isTogether) await this.#courier.send();
    if (this.#isTogether) await this.#redis.leave().catch(() => undefined); // the lease ends by itself
    this.#isTogether = false;
    this.#isLost = true;
  }

  async #reserveTogether(reservation: Reservation): Promise<Claim | null> {
    const ticket = this.#newTicket();
    const answer = await this.#redis.reserve({ ticket, reservation }).catch(() => undefined);
    if (answer === undefined) {
      this.#isTogether = false;
      return this.#reserveApart(reservation, ticket); // it may have been counted nevertheless
    }
    if (answer === null) {
      this.#isTogether = false;
      this.#isLost = true;
      void this.#sync();
      return this.#reserveApart(reservation, null);
    }
    const { claims } = reservation;
    claims.forEach(({ counter, keepMs }, index) => {
      this.#tallies.hear(counter, keepMs, answer.used[index] ?? 0n);
    });
    if (answer.exceeded !== null) return claims[answer.exceeded] ?? null;
    this.#open.set(reservation, { ticket, isApart: false });
    return null;
  }

  /** @param ticket what Redis may know it by */
  #reserveApart(reservation: Reservation, ticket: string | null): Claim | null {
    const { claims, amount } = reservation;
    const exceeded = claims.find(
      ({ counter, limit }) => this.#tallies.room(counter, limit, BigInt(this.#instances)) < amount,
    );
    if (exceeded) {
      this.#courier.add(reservation, ticket, 0n, true);
      return exceeded;
    }
    for (const { counter, keepMs } of claims) this.#tallies.takeApart(counter, keepMs, amount);
    this.#open.set(reservation, { ticket, isApart: true });
    return null;
  }

  /** Brings Redis up to what this process knows, and then counts there. Where that fails it goes on counting here. */
  #sync(spent?: Spending): Promise<void> {
    this.#syncing ??= this.#catchUp(spent)
      .catch(() => undefined) // the next call, or the timer, tries again
      .finally(() => {
        this.#syncing = null;
      });
    return this.#syncing;
  }

  async #catchUp(spent: Spending | undefined): Promise<void> {
    await this.#courier.idle();
    const others = this.#isLost ? null : await this.#renew({ joins: false });
    if (others === null) await this.#join(spent);
    else if (spent) await this.#raise(spent);
    await this.#takeOver([...this.#open].filter(([, { isApart }]) => isApart || others === null));
    this.#isTogether = true;
    void this.#courier.send();
    for (const id of others?.lapsed ?? []) await this.#redis.bury(id);
  }

  async #renew(how: { readonly joins: boolean }): Promise<Others | null> {
    const others = await this.#redis.renew(how);
    if (others) this.#instances = Math.max(this.#least, others.alive);
    return others;
  }

  /** Begins anew. What Redis has not heard is in the ledger, where that can be read. */
  async #join(spent: Spending | undefined): Promise<void> {
    this.#isLost = true;
    const known = spent ?? (await this.#readLedger()).found ?? new Map();
    await this.#renew({ joins: true });
    this.#courier.restart();
    await this.#raise(known);
    this.#isLost = false;
  }

  /** What the ledger says was spent, in the place of what Redis has not heard, where Redis knows nothing anyway. */
  async #readLedger(): Promise<{ readonly found: Spending | null; readonly error?: unknown }> {
    if (this.#isLost) await this.#courier.idle();
    const unheard = this.#isLost ? this.#courier.takeBack() : null;
    try {
      const found = await this.#read();
      for (const [counter, { apart, keepMs }] of unheard?.spent ?? []) this.#tallies.takeApart(counter, keepMs, -apart);
      for (const [counter, amount] of found) {
        if (amount > this.known(counter)) this.#tallies.hear(counter, LOADED_MS, amount);
      }
      return { found };
    } catch (error) {
      if (unheard) this.#courier.putBack(unheard);
      return { found: null, error };
    }
  }

  async #raise(spent: Spending): Promise<void> {
    for (const [counter, used] of await this.#redis.raise(spent)) this.#tallies.hear(counter, LOADED_MS, used);
  }

  /** Makes Redis know of what was reserved without it. */
  async #takeOver(reservations: readonly (readonly [Reservation, Open])[]): Promise<void> {
    for (let start = 0; start < reservations.length; start += MOST_AT_ONCE) {
      const some = reservations.slice(start, start + MOST_AT_ONCE);
      const ticketed = some.map(([reservation, open]): Ticketed => {
        open.ticket ??= this.#newTicket();
        return { ticket: open.ticket, reservation };
      });
      await this.#redis.takeOver(ticketed);
      for (const [reservation, open] of some) {
        if (!open.isApart || !this.#open.has(reservation)) continue;
        open.isApart = false;
        for (const { counter, keepMs } of reservation.claims) {
          this.#tallies.takeApart(counter, keepMs, -reservation.amount);
          this.#tallies.correct(counter, keepMs, reservation.amount);
        }
      }
    }
  }

  /** Keeps what this process has reserved, and gives back what others had that are gone. */
  async #tick(): Promise<void> {
    const isDue = ++this.#ticks % RENEW_TICKS === 0;
    if ((this.#isTogether && !isDue) || !this.#redis.isUsable) return;
    await this.#sync();
    this.#tallies.forgetOld();
    const lately = this.#tallies.usedWithin(LATELY_MS).slice(0, MOST_AT_ONCE);
    if (this.#isTogether && lately.length > 0) await this.#hear(lately).catch(() => undefined); // with the next one
  }

  /** What others have spent meanwhile, which counts when Redis goes away. */
  async #hear(counters: readonly string[]): Promise<void> {
    const used = await this.#redis.used(counters);
    counters.forEach((counter, index) => {
      this.#tallies.hear(counter, LOADED_MS, used[index] ?? 0n);
    });
  }

  #newTicket(): string {
    return (++this.#tickets).toString(36);
  }
}

/** What was spent on each counter. */
type Spending = ReadonlyMap<string, bigint>;

/** Until it is used, when its own time counts. */
const LOADED_MS = 33 * 86_400_000;
