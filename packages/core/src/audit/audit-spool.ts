import {
  closeSync,
  createReadStream,
  fdatasync,
  fdatasyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Clock } from "../clock.js";
import { AuditRow, auditHash } from "../schemas/audit.js";
import type { Logger } from "../spec/logger.js";

/** What an {@link AuditSpool} is made of. */
export interface AuditSpoolOptions {
  /** A directory of its own; one process uses it at a time. */
  readonly directory: string;
  /** What rows survive: the end of the process, or that of the machine, which costs a disk write each. */
  readonly durability: "process" | "power";
  readonly clock: Clock;
  readonly logger: Logger;
  /** How large it may grow while the store takes nothing. @defaultValue 256 MiB */
  readonly maxBytes?: number | undefined;
}

const NAME = /^audit-(\d{10})\.log$/;
const MAX_BYTES = 256 * 1024 * 1024;
const SYNC_AFTER_MS = 50;
const BATCH = 500;
const OWNER_ONLY = 0o600;

/**
 * Rows of the audit log on disk until they are in the store: each is written before whoever caused it gets an answer. What
 * a process that was killed leaves behind goes into the store with the next one; a row that comes twice is there once.
 */
export class AuditSpool {
  readonly #options: AuditSpoolOptions;
  /** Files whose rows are to be read back, oldest first. */
  readonly #left: string[] = [];
  #next = 1;
  #file: { readonly path: string; readonly handle: number } | null = null;
  /** Of all files. */
  #bytes = 0;
  /** Of the file that is written to. */
  #written = 0;
  #torn = false;
  #cancelSync: (() => void) | null = null;
  #isBroken = false;

  constructor(options: AuditSpoolOptions) {
    this.#options = options;
  }

  /** Finds what is left, and begins a file. A directory that cannot be used costs no more than the safety. */
  open(): void {
    if (this.#file) return;
    const { directory } = this.#options;
    this.#guarded(() => {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      for (const name of readdirSync(directory).sort()) {
        const number = NAME.exec(name)?.[1];
        if (number === undefined) continue;
        this.#left.push(join(directory, name));
        this.#bytes += statSync(join(directory, name)).size;
        this.#next = Number(number) + 1;
      }
      this.#begin();
    });
  }

  /** Whether rows are left that nobody has read back. */
  get hasLeft(): boolean {
    return this.#left.length > 0;
  }

  /** Writes a row; false where it is in memory alone. */
  write(row: AuditRow): boolean {
    const { maxBytes = MAX_BYTES, durability } = this.#options;
    const file = this.#file;
    if (!file || this.#bytes >= maxBytes) return false;
    return this.#guarded(() => {
      const line = Buffer.from(`${this.#torn ? "\n" : ""}${JSON.stringify(row)}\n`);
      for (let done = 0; done < line.length; ) {
        this.#torn = true; // until it is whole
        const count = writeSync(file.handle, line, done);
        done += count;
        this.#written += count;
        this.#bytes += count;
      }
      this.#torn = false;
      if (durability === "power") fdatasyncSync(file.handle);
      else this.#syncSoon(file.handle);
    });
  }

  /** Says that every row of the file that is written to is in the store. */
  clear(): void {
    const file = this.#file;
    if (!file || this.#written === 0) return;
    this.#guarded(() => {
      ftruncateSync(file.handle);
      this.#bytes -= this.#written;
      this.#written = 0;
      this.#torn = false;
    });
  }

  /** Begins another file; the rows of the one before are read back. */
  rotate(): void {
    const before = this.#file;
    if (!before) return;
    this.#guarded(() => {
      this.#begin();
      this.#end(before.handle);
      this.#left.push(before.path);
    });
  }

  /** The rows that are left, batch by batch. A file goes once whoever reads asks for more than it holds. */
  async *leftRows(): AsyncGenerator<readonly AuditRow[], void, undefined> {
    for (let path = this.#left[0]; path !== undefined; path = this.#left[0]) {
      let batch: AuditRow[] = [];
      for await (const line of createInterface({
        input: createReadStream(path),
        crlfDelay: Number.POSITIVE_INFINITY,
      })) {
        const row = readRow(line);
        if (row) batch.push(row);
        if (batch.length < BATCH) continue;
        yield batch;
        batch = [];
      }
      if (batch.length > 0) yield batch;
      this.#bytes -= statSync(path).size;
      rmSync(path, { force: true });
      this.#left.shift();
    }
  }

  close(): void {
    const file = this.#file;
    this.#file = null;
    if (!file) return;
    this.#guarded(() => {
      fdatasyncSync(file.handle);
      this.#end(file.handle);
      if (this.#written === 0) rmSync(file.path, { force: true });
    });
  }

  #begin(): void {
    const path = join(this.#options.directory, `audit-${String(this.#next).padStart(10, "0")}.log`);
    this.#file = { path, handle: openSync(path, "ax", OWNER_ONLY) };
    this.#next++;
    this.#written = 0;
    this.#torn = false;
  }

  #end(handle: number): void {
    this.#cancelSync?.();
    this.#cancelSync = null;
    closeSync(handle);
  }

  #syncSoon(handle: number): void {
    this.#cancelSync ??= this.#options.clock.after(SYNC_AFTER_MS, () => {
      this.#cancelSync = null;
      fdatasync(handle, () => {}); // a disk that fails fails the next write too
    });
  }

  /** A disk that fails costs safety, never a request: it is told once. */
  #guarded(work: () => void): boolean {
    try {
      work();
      this.#isBroken = false;
      return true;
    } catch (error) {
      const message = "the audit log cannot be written to disk; its rows are in memory until the store has them";
      if (!this.#isBroken) this.#options.logger.error({ err: error }, message);
      this.#isBroken = true;
      return false;
    }
  }
}

/** A row as it was written; null for a line that was cut off, or was changed: its hash vouches for it. */
function readRow(line: string): AuditRow | null {
  try {
    const row = AuditRow.parse(JSON.parse(line));
    return auditHash(row) === row.hash ? row : null;
  } catch {
    return null;
  }
}
