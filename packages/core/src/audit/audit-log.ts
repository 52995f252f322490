import type { Clock } from "../clock.js";
import { type AuditRow, chainedAuditRow } from "../schemas/audit.js";
import type { AuditEvent } from "../spec/audit.js";
import type { AuditStore } from "../spec/audit-store.js";
import type { Actor } from "../spec/call.js";
import type { Logger } from "../spec/logger.js";
import type { AuditSpool } from "./audit-spool.js";

/** What {@link AuditLog} works with. */
export interface AuditLogOptions {
  readonly store: Pick<AuditStore, "append">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where rows are safe until the store has them; null for memory alone. */
  readonly spool: AuditSpool | null;
  /** How many rows wait in memory. @defaultValue 10,000 */
  readonly maxWaiting?: number | undefined;
}

const FLUSH_AFTER_MS = 100;
const RETRY_AFTER_MS = 2_000;
const MAX_BATCH = 500;
/** A store that is away for long costs no memory: further rows are on disk alone, or lost, which is written as soon as it is back. */
const MAX_WAITING = 10_000;

/**
 * Writes the audit log. Whoever reports something goes on at once: rows wait in memory until the store has them, however
 * slow it is.
 */
export class AuditLog {
  readonly #options: AuditLogOptions;
  readonly #instance: string;
  #waiting: AuditRow[] = [];
  #previousHash = "";
  #count = 0;
  #lost = 0;
  /** Whether rows are on disk that are not in memory. */
  #isOnDisk = false;
  #cancel: (() => void) | null = null;
  #flushing: Promise<void> | null = null;

  constructor(options: AuditLogOptions) {
    this.#options = options;
    this.#instance = options.clock.id("gw_");
  }

  /** Begins with what an earlier process has left. */
  open(): void {
    const { spool } = this.#options;
    spool?.open();
    if (spool?.hasLeft) this.#schedule(FLUSH_AFTER_MS);
  }

  /** Takes a row; it is safe at once where there is a disk for it, and in the store a moment later. */
  record({ action, target, outcome = "ok", details = {} }: AuditEvent, { identity, address }: Actor): void {
    const { spool, maxWaiting = MAX_WAITING } = this.#options;
    const isFull = this.#waiting.length >= maxWaiting;
    if (isFull && !spool) {
      this.#lost++;
      return;
    }
    const now = this.#options.clock.now();
    const lost = this.#lost > 0 ? { lostBefore: this.#lost } : {};
    this.#lost = 0;
    const row = chainedAuditRow(
      {
        id: this.#nextId(now),
        at: new Date(now).toISOString(),
        instance: this.#instance,
        actor: { id: identity?.id ?? "system", kind: identity ? (identity.kind ?? "host") : "system" },
        action,
        target,
        outcome,
        details: { ...details, ...lost },
        address: address ?? null,
      },
      this.#previousHash,
    );
    const isSafe = spool?.write(row) === true;
    if (isFull && !isSafe) {
      this.#lost += 1 + ("lostBefore" in lost ? lost.lostBefore : 0);
      return;
    }
    this.#previousHash = row.hash;
    if (isFull) this.#isOnDisk = true;
    else this.#waiting.push(row);
    this.#schedule(FLUSH_AFTER_MS);
  }

  /** Resolves once the store has been given every row there is; false when it did not take them. */
  async flush(): Promise<boolean> {
    this.#cancel?.();
    this.#cancel = null;
    this.#flushing ??= this.#write().finally(() => {
      this.#flushing = null;
    });
    await this.#flushing;
    return this.#waiting.length === 0;
  }

  /** Writes what can be written, and leaves the rest on disk to the next process. */
  async close(): Promise<void> {
    await this.flush();
    this.#cancel?.();
    this.#cancel = null;
    this.#options.spool?.close();
  }

  #schedule(ms: number): void {
    this.#cancel ??= this.#options.clock.after(ms, () => {
      this.#cancel = null;
      void this.flush();
    });
  }

  /** A row leaves memory only after the store has it; sent twice, it is there once. */
  async #write(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const batch = this.#waiting.slice(0, MAX_BATCH);
        await this.#options.store.append(batch);
        this.#waiting = this.#waiting.slice(batch.length);
      }
      await this.#writeLeft();
    } catch (error) {
      this.#options.logger.warn({ err: error }, "the audit log could not be written; its rows wait");
      this.#schedule(RETRY_AFTER_MS);
    }
  }

  /** Then nothing on disk is needed any more. */
  async #writeLeft(): Promise<void> {
    const { spool, store } = this.#options;
    if (!spool) return;
    if (this.#isOnDisk) spool.rotate();
    this.#isOnDisk = false;
    for await (const rows of spool.leftRows()) await store.append(rows);
    if (this.#waiting.length === 0 && !this.#isOnDisk) spool.clear();
  }

  /** Grows with time, and within a millisecond with the count, so that rows keep their order. */
  #nextId(now: number): string {
    this.#count++;
    const time = Math.floor(now).toString(36).padStart(9, "0");
    return `aud_${time}${this.#count.toString(36).padStart(6, "0")}${this.#instance.slice(3)}`;
  }
}
