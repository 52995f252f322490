import type { Clock } from "../../clock.js";
import { type LineKind, Lines } from "./line.js";

/** When a record counts as written: `process` survives the end of the process, `power` that of the machine. */
export type Durability = "process" | "power";

/** The file a {@link GroupCommit} writes to. */
export interface CommitTarget {
  /** Writes whole lines, which are another's again afterwards. @throws what the file system says */
  write(lines: Uint8Array): void;
  /** Brings what was written onto the disk, and says whether that went well. */
  sync(done: (error: Error | null) => void): void;
  /** Told of each failure, and when things go well again. */
  onHealth(error: Error | null): void;
}

const SYNC_EVERY_MS = 50;
/** A disk that takes longer is not waited for. */
const SYNC_PATIENCE_MS = 1_000;

type Waiting = () => void;

/**
 * Writes lines in groups: all that come within one turn of the event loop in one go, before anything they vouch for goes
 * out. Whoever waits goes on even if writing fails: a full disk costs records, never an answer.
 */
export class GroupCommit {
  readonly #target: CommitTarget;
  readonly #durability: Durability;
  readonly #clock: Clock;
  readonly #lines = new Lines();
  #waiting: Waiting[] = [];
  #scheduled = false;
  #unsynced: Waiting[] = [];
  #syncing = false;
  #cancelSync: (() => void) | null = null;

  constructor(target: CommitTarget, { durability, clock }: { readonly durability: Durability; readonly clock: Clock }) {
    this.#target = target;
    this.#durability = durability;
    this.#clock = clock;
  }

  /** Adds a line. `then` is called when it is written. */
  add(kind: LineKind, list: string, then: Waiting | null): void {
    this.#lines.add(kind, list);
    if (then) this.#waiting.push(then);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#commit);
  }

  /** Writes what is left, at once. */
  flush(): void {
    if (this.#scheduled) this.#commit();
  }

  /** Stops the timer. */
  close(): void {
    this.flush();
    this.#cancelSync?.();
  }

  readonly #commit = (): void => {
    if (!this.#scheduled) return;
    this.#scheduled = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    try {
      this.#target.write(this.#lines.take());
    } catch (error) {
      this.#target.onHealth(error as Error); // node:fs throws nothing else
      return release(waiting);
    }
    if (this.#durability === "power") return this.#syncFor(waiting);
    release(waiting);
    this.#cancelSync ??= this.#clock.after(SYNC_EVERY_MS, () => {
      this.#cancelSync = null;
      this.#target.sync((error) => error && this.#target.onHealth(error));
    });
  };

  /** One sync at a time; what is written meanwhile waits for the next. */
  #syncFor(waiting: Waiting[]): void {
    this.#unsynced.push(...waiting);
    if (this.#syncing || this.#unsynced.length === 0) return;
    this.#syncing = true;
    const synced = this.#unsynced;
    this.#unsynced = [];
    let done = false;
    const finish = (error: Error | null) => {
      if (done) return;
      done = true;
      cancel();
      if (error) this.#target.onHealth(error);
      this.#syncing = false;
      release(synced);
      this.#syncFor([]);
    };
    const cancel = this.#clock.after(SYNC_PATIENCE_MS, () => finish(new Error("the disk takes too long")));
    this.#target.sync(finish);
  }
}

function release(waiting: readonly Waiting[]): void {
  for (const then of waiting) then();
}
