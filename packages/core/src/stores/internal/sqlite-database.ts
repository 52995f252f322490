/** What SQLite can hold: NULL, REAL or INTEGER, INTEGER, TEXT, BLOB. */
export type SqliteValue = null | number | bigint | string | Uint8Array;

/** A row as it was read. Integers that a number cannot hold exactly come as `bigint`. */
export type SqliteRow = Readonly<Record<string, SqliteValue>>;

/**
 * All that the stores ask of a SQLite driver. Parameters are `unknown` on purpose: each implementation passes them
 * through `bindable`, so that a wrong one is a `TypeError` here and never an undefined behaviour there.
 */
export interface SqliteDatabase {
  /** Runs statements without parameters and without rows. */
  exec(sql: string): void;
  /** Runs one statement and tells how many rows it changed. @throws TypeError for a value that `bindable` refuses */
  run(sql: string, parameters: readonly unknown[]): number;
  /** Runs one statement and reads its rows. @throws TypeError for a value that `bindable` refuses */
  all(sql: string, parameters: readonly unknown[]): SqliteRow[];
  /** Whether a transaction is open; SQLite ends one itself after some failures. */
  inTransaction(): boolean;
  close(): void;
}

const MIN_INTEGER = -(2n ** 63n);
const MAX_INTEGER = 2n ** 63n - 1n;

/**
 * The value as it can be bound without loss. Drivers store NULL for a Date, 1 for `true`, the text up to the first
 * NUL, U+FFFD for half a surrogate pair and 0 for 1e-17, all without a word; here each of them is refused.
 *
 * @param position of the parameter, from 1
 * @throws TypeError
 */
export function bindable(value: unknown, position: number): SqliteValue {
  switch (typeof value) {
    case "string":
      if (value.includes("\0")) throw refusal(position, "text with a NUL character");
      if (LONE_SURROGATE.test(value)) throw refusal(position, "text with half a surrogate pair");
      return value;
    case "number":
      if (Number.isNaN(value)) throw refusal(position, "NaN");
      if (value > 0 && value < Number.EPSILON) throw refusal(position, "a number this close to zero");
      // As a bigint it is stored as INTEGER whatever the driver does with numbers.
      return Number.isSafeInteger(value) ? BigInt(value) : value;
    case "bigint":
      if (value < MIN_INTEGER || value > MAX_INTEGER) throw refusal(position, "an integer of more than 64 bits");
      return value;
    default:
      if (value === null || value instanceof Uint8Array) return value;
      throw refusal(position, nameOf(value));
  }
}

const LONE_SURROGATE = /\p{Surrogate}/u;

function refusal(position: number, what: string): TypeError {
  return new TypeError(`SQL parameter ${position}: ${what} cannot be bound; convert it first`);
}

function nameOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return `a value of type ${typeof value}`;
  const name: unknown = value.constructor?.name;
  return typeof name === "string" && name !== "" ? `an instance of ${name}` : "an object";
}

/** A column value as rows carry it: integers as numbers wherever that loses nothing. */
export function readable(value: SqliteValue): SqliteValue {
  if (typeof value !== "bigint") return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
