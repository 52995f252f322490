import type { Clock } from "../clock.js";
import { type AuditRow, chainedAuditRow } from "../schemas/audit.js";
import type { AuditEvent } from "../spec/audit.js";
import type { AuditStore } from "../spec/audit-store.js";
import type { Actor } from "../spec/call.js";
import type { Logger } from "../spec/logger.js";

/** What {@link AuditLog} works with. */
export interface AuditLogOptions {
  readonly store: Pick<AuditStore, "append">;
  readonly clock: Clock;
  readonly logger: Logger;
}

const FLUSH_AFTER_MS = 100;
const RETRY_AFTER_MS = 2_000;
const MAX_BATCH = 500;
/** A store that is away for long costs rows rather than memory; how many is written as soon as it is back. */
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
  #cancel: (() => void) | null = null;
  #flushing: Promise<void> | null = null;

  constructor(options: AuditLogOptions) {
    this.#options = options;
    this.#instance = options.clock.id("gw_");
  }

  /** Takes a row; it is in the store a moment later. */
  record({ action, target, outcome = "ok", details = {} }: AuditEvent, { identity, address }: Actor): void {
    if (this.#waiting.length >= MAX_WAITING) {
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
    this.#previousHash = row.hash;
    this.#waiting.push(row);
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
    } catch (error) {
      this.#options.logger.warn({ err: error }, "the audit log could not be written; its rows wait");
      this.#schedule(RETRY_AFTER_MS);
    }
  }

  /** Grows with time, and within a millisecond with the count, so that rows keep their order. */
  #nextId(now: number): string {
    this.#count++;
    const time = Math.floor(now).toString(36).padStart(9, "0");
    return `aud_${time}${this.#count.toString(36).padStart(6, "0")}${this.#instance.slice(3)}`;
  }
}
