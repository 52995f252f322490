import { z } from "zod";
import type { RedisLink } from "../../redis/redis-link.js";
import type { Claim, Reservation } from "./counters.js";
import type { Batch, Closed } from "./outbox.js";
import * as scripts from "./spend-scripts.js";

/** The braces keep all of it on one node of a cluster: a call is counted on several counters at once, or on none. */
const PREFIX = "sluice:spend:{all}:";
const PROCESSES = `${PREFIX}processes`;

/** Reservations of a process that was killed are given back so much later. */
const LEASE_US = 30_000_000;
/** Longer than a month, for what has no time of its own. */
const KEEP_MS = 33 * 86_400_000;
/** As many as a script should take up at once. */
const MOST_AT_ONCE = 250;

const Amount = z
  .string()
  .regex(/^-?\d+$/)
  .transform(BigInt);
const Amounts = z.array(Amount);
const Reserved = z.tuple([z.number()]).rest(Amount);
const Renewed = z.tuple([z.number()]).rest(z.string());
const RecordText = z.tuple([z.string()]).rest(z.string());

/** What Redis says to a reservation. */
export interface ReserveAnswer {
  /** Index of the claim that has no room; null where all have. */
  readonly exceeded: number | null;
  /** What each counter holds now. */
  readonly used: readonly bigint[];
}

/** Who counts together. */
export interface Others {
  /** How many processes there are, this one among them. */
  readonly alive: number;
  /** Processes that have ended without a word. */
  readonly lapsed: readonly string[];
}

/** A reservation, and what Redis knows it by. */
export type Ticketed = Closed;

type Counter = Pick<Claim, "counter" | "keepMs">;

/** The counters that processes share, as they lie in Redis. Everything rejects while Redis is away. */
export class SpendLink {
  readonly #link: RedisLink;
  readonly #id: string;
  readonly #own: string;

  /** @param id names this process */
  constructor(link: RedisLink, id: string) {
    this.#link = link;
    this.#id = id;
    this.#own = ownKey(id);
  }

  get isUsable(): boolean {
    return this.#link.isUsable;
  }

  /** Null where Redis does not know this process. */
  async reserve({ ticket, reservation }: Ticketed): Promise<ReserveAnswer | null> {
    const { claims, amount } = reservation;
    const keys = [PROCESSES, this.#own, ...claims.map(({ counter }) => counterKey(counter))];
    const limits = claims.flatMap(({ limit, keepMs }) => [String(limit), keepMs]);
    const values = [this.#id, ticket, recordOf(reservation), String(amount), ...limits];
    const [outcome, ...used] = Reserved.parse(await this.#link.run(scripts.RESERVE, keys, values));
    if (outcome < 0) return null;
    if (outcome === 0) return { exceeded: null, used };
    return { exceeded: outcome - 1, used: used.map((each) => each - amount) };
  }

  /** What each counter of the batch holds now; null where Redis does not know this process. */
  async settle({ number, closed, spent }: Batch): Promise<ReadonlyMap<string, bigint> | null> {
    const counters = new Keys([PROCESSES, this.#own]);
    for (const [counter, { keepMs }] of spent) counters.indexOf({ counter, keepMs });
    const ends = closed.flatMap((each) => givenBack(each, counters));
    const amounts = counters.counters.flatMap(({ counter, keepMs }) => [
      String(spent.get(counter)?.amount ?? 0n),
      keepMs,
    ]);
    const values = [this.#id, number, closed.length, ...ends, ...amounts];
    const used = Amounts.parse(await this.#link.run(scripts.SETTLE, counters.keys, values));
    if (used.length === 0) return null;
    return new Map(counters.counters.map(({ counter }, index) => [counter, used[index] ?? 0n]));
  }

  /** Makes Redis know of reservations that were made without it. */
  async takeOver(reservations: readonly Ticketed[]): Promise<void> {
    const counters = new Keys([this.#own]);
    const values = reservations.flatMap(({ ticket, reservation }) => [
      ticket,
      recordOf(reservation),
      String(reservation.amount),
      reservation.claims.length,
      ...reservation.claims.map((claim) => counters.indexOf(claim)),
    ]);
    const keep = counters.counters.map(({ keepMs }) => keepMs);
    await this.#link.run(scripts.TAKE_OVER, counters.keys, [reservations.length, ...values, ...keep]);
  }

  /** Raises counters to what was spent by the ledger. Tells of each what it holds. */
  async raise(spent: ReadonlyMap<string, bigint>): Promise<ReadonlyMap<string, bigint>> {
    const all = [...spent];
    const raised = new Map<string, bigint>();
    for (let start = 0; start < all.length; start += MOST_AT_ONCE) {
      const some = all.slice(start, start + MOST_AT_ONCE);
      const keys = some.map(([counter]) => counterKey(counter));
      const values = some.flatMap(([, amount]) => [String(amount), KEEP_MS]);
      const used = Amounts.parse(await this.#link.run(scripts.RAISE, keys, values));
      some.forEach(([counter], index) => {
        raised.set(counter, used[index] ?? 0n);
      });
    }
    return raised;
  }

  /** Keeps this process's reservations; null where Redis knows none of it. */
  async renew({ joins }: { readonly joins: boolean }): Promise<Others | null> {
    const values = [this.#id, LEASE_US, KEEP_MS, joins ? 1 : 0];
    const [alive, ...lapsed] = Renewed.parse(await this.#link.run(scripts.RENEW, [PROCESSES, this.#own], values));
    return alive > 0 ? { alive, lapsed: lapsed.filter((id) => id !== this.#id) } : null;
  }

  /** Gives back what a process had reserved that has ended without a word. */
  async bury(id: string): Promise<void> {
    const flat = z.array(z.string()).parse(await this.#link.run(scripts.RESERVATIONS, ownKey(id), []));
    const left: Ticketed[] = [];
    for (let at = 0; at < flat.length; at += 2) {
      const [ticket = "", record = ""] = flat.slice(at, at + 2);
      if (ticket !== "batch") left.push({ ticket, reservation: fromRecord(record) });
    }
    for (let start = 0; start === 0 || start < left.length; start += MOST_AT_ONCE) {
      const some = left.slice(start, start + MOST_AT_ONCE);
      const counters = new Keys([PROCESSES, ownKey(id)]);
      const ends = some.flatMap((each) => givenBack(each, counters));
      await this.#link.run(scripts.BURY, counters.keys, [id, some.length, ...ends]);
    }
  }

  async leave(): Promise<void> {
    await this.#link.run(scripts.LEAVE, [PROCESSES, this.#own], [this.#id]);
  }

  /** What each counter holds. */
  async used(counters: readonly string[]): Promise<readonly bigint[]> {
    return Amounts.parse(await this.#link.run(scripts.USED, counters.map(counterKey), []));
  }

  /** Adds to a counter that has no limit, and tells what it holds. */
  async add(counter: string, amount: bigint, keepMs: number): Promise<bigint> {
    return Amount.parse(await this.#link.run(scripts.ADD, counterKey(counter), [String(amount), keepMs]));
  }

  /** Whether nobody has asked this of the same mark before. */
  async isFirst(mark: string, keepMs: number): Promise<boolean> {
    return (await this.#link.run(scripts.FIRST, `${PREFIX}mark:${mark}`, [keepMs])) === 1;
  }
}

/** The keys of a script, each once, and where each counter stands among them. */
class Keys {
  readonly keys: string[];
  readonly counters: Counter[] = [];
  readonly #places = new Map<string, number>();

  constructor(first: readonly string[]) {
    this.keys = [...first];
  }

  /** As Lua counts: from one. */
  indexOf({ counter, keepMs }: Counter): number {
    const known = this.#places.get(counter);
    if (known !== undefined) return known;
    this.counters.push({ counter, keepMs });
    const place = this.keys.push(counterKey(counter));
    this.#places.set(counter, place);
    return place;
  }
}

function givenBack({ ticket, reservation: { amount, claims } }: Ticketed, counters: Keys): (string | number)[] {
  return [ticket, String(amount), claims.length, ...claims.map((claim) => counters.indexOf(claim))];
}

function ownKey(id: string): string {
  return `${PREFIX}process:${id}`;
}

function counterKey(counter: string): string {
  return `${PREFIX}counter:${counter}`;
}

function recordOf({ amount, claims }: Reservation): string {
  return JSON.stringify([String(amount), ...claims.map(({ counter }) => counter)]);
}

function fromRecord(text: string): Reservation {
  const [amount, ...counters] = RecordText.parse(JSON.parse(text));
  return { amount: BigInt(amount), claims: counters.map((counter) => ({ counter, limit: 0n, keepMs: KEEP_MS })) };
}
