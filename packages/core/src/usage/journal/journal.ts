import type { Clock } from "../../clock.js";
import type { LedgerRow } from "../../schemas/ledger.js";
import type { Logger } from "../../spec/logger.js";
import type { Book, OpenCall } from "../ledger-deps.js";
import type { UsageWriter } from "../usage-writer.js";
import { type Durability, GroupCommit } from "./group-commit.js";
import { ReadBack } from "./read-back.js";
import { endText, startText } from "./row-text.js";
import { findSegments, type JournalFiles, newSegment, realFiles, type Segment } from "./segment.js";

/** What a journal is made of. */
export interface JournalOptions {
  /** A directory of its own; one process uses it at a time. */
  readonly directory: string;
  readonly durability: Durability;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly writer: UsageWriter;
  /** @defaultValue the real ones */
  readonly files?: JournalFiles | undefined;
  /** @defaultValue 8 MiB */
  readonly segmentBytes?: number | undefined;
  /** How large the journal may grow while the store takes nothing. @defaultValue 1 GiB */
  readonly maxBytes?: number | undefined;
}

type Resolved = { readonly [Option in keyof JournalOptions]-?: Exclude<JournalOptions[Option], undefined> };

const SEGMENT_BYTES = 8 * 1024 * 1024;
const MAX_BYTES = 1024 * 1024 * 1024;
const RETRY_MS = 1_000;
/** Reading back begins when this many rows have room. */
const LEAST_ROOM = 1_000;
const OWNER_ONLY = 0o600;
const LINE_END = Buffer.from("\n");

/**
 * Rows on disk before they are in the store: appended before the last byte of the answer they are about goes out, kept
 * until the store has them. What a process that was killed leaves behind is read by the next one. A row may reach the
 * store twice, and is counted once there, by its id.
 */
export class Journal implements Book {
  readonly #options: Resolved;
  readonly #commit: GroupCommit;
  readonly #segments: Segment[] = [];
  readonly #readBack: ReadBack;
  /** The segment of each row that waits for the store, in their order, and how many in a row are of it. */
  readonly #order: { readonly segment: Segment | null; count: number }[] = [];
  #current: Segment | null = null;
  #file = -1;
  #next = 0;
  #failure: Error | null = null;
  #retryAt = 0;
  #torn = false;
  #lost = 0;
  /** Of all segments. */
  #bytes = 0;

  constructor(options: JournalOptions) {
    const { files = realFiles, segmentBytes = SEGMENT_BYTES, maxBytes = MAX_BYTES } = options;
    this.#options = { ...options, files, segmentBytes, maxBytes };
    this.#commit = new GroupCommit(
      {
        write: (lines) => this.#write(lines),
        sync: (done) => (this.#file < 0 ? done(null) : files.fdatasync(this.#file, done)),
        onHealth: (error) => this.#onHealth(error),
      },
      options,
    );
    this.#readBack = new ReadBack({
      files,
      logger: options.logger,
      room: () => options.writer.room,
      onRead: () => this.#sweep(),
      push: (row, segment) => this.#push(row, segment),
      crashed: (row) => this.#append(row, startText(row), null),
    });
  }

  /** Why the journal is not what it should be; null while it is. */
  get trouble(): string | null {
    if (this.#failure) return `the journal cannot be written: ${this.#failure.message}`;
    if (this.#isFull) return "the journal has reached its largest size: the store takes no rows";
    return this.#lost > 0 ? `${this.#lost} usage rows were lost` : null;
  }

  open(): void {
    if (this.#next > 0) return;
    this.#next = 1;
    const { directory, files } = this.#options;
    try {
      files.mkdirSync(directory, { recursive: true, mode: 0o700 });
      const found = findSegments(directory, files);
      this.#segments.push(...found);
      for (const { bytes } of found) this.#bytes += bytes;
      this.#next = (found.at(-1)?.number ?? 0) + 1;
      this.#readBack.recover(found);
      this.#rotate();
    } catch (error) {
      this.#onHealth(error as Error); // node:fs throws nothing else
    }
  }

  started(call: OpenCall): void {
    const text = startText(call.start);
    const segment = this.#writable();
    call.note = { text, segment };
    if (!segment) return;
    segment.open++;
    this.#commit.add("S", `${text},${call.promptEstimate}`, null);
  }

  ended({ note }: OpenCall, row: LedgerRow, then: () => void): void {
    if (note?.segment) note.segment.open--;
    this.#append(row, note?.text ?? startText(row), then);
  }

  /** Told that the store has taken rows, in their order. */
  written(count: number): void {
    let left = count;
    while (left > 0) {
      const first = this.#order[0];
      if (!first) break;
      const taken = Math.min(left, first.count);
      left -= taken;
      first.count -= taken;
      if (first.segment) first.segment.rows -= taken;
      if (first.count === 0) this.#order.shift();
    }
    this.#sweep();
    this.#readLeft();
  }

  /** Rows that were too many for memory are read from the file once there is room. */
  #readLeft(): void {
    const { writer, logger } = this.#options;
    this.#readBack.goOn();
    if (writer.room < LEAST_ROOM) return;
    try {
      if (this.#current?.unread) this.#rotate();
    } catch (error) {
      logger.warn({ err: error }, "the usage journal cannot begin a segment");
    }
    const unread = this.#segments.filter((each) => each.unread && !each.broken && each !== this.#current);
    for (const segment of unread) this.#readBack.add(segment);
  }

  /** Writes what is left. What the store does not take now is there for the next process. */
  async close(): Promise<void> {
    const { files, writer } = this.#options;
    this.#commit.close();
    this.#readBack.stop();
    await writer.close();
    if (this.#file >= 0) {
      files.fsyncSync(this.#file);
      files.closeSync(this.#file);
    }
    this.#file = -1;
    this.#current = null;
    this.#sweep();
  }

  #append(row: LedgerRow, start: string, then: (() => void) | null): void {
    const segment = this.#writable();
    this.#push(row, segment);
    if (segment) this.#commit.add("E", `${start},${endText(row)}`, then);
    else then?.();
  }

  #push(row: LedgerRow, segment: Segment | null): void {
    if (!this.#options.writer.push(row)) {
      if (segment) segment.unread = true;
      else this.#lost++;
      return;
    }
    if (segment) segment.rows++;
    const last = this.#order.at(-1);
    if (last && last.segment === segment) last.count++;
    else this.#order.push({ segment, count: 1 });
  }

  get #isFull(): boolean {
    return this.#bytes >= this.#options.maxBytes;
  }

  /** The segment that takes the next line; null where none can. After a failure it is tried again once a second. */
  #writable(): Segment | null {
    const { clock, segmentBytes } = this.#options;
    if ((this.#failure && clock.monotonic() < this.#retryAt) || this.#isFull) return null;
    if (this.#current && this.#current.bytes < segmentBytes) return this.#current;
    try {
      this.#commit.flush();
      this.#rotate();
    } catch (error) {
      this.#onHealth(error as Error); // node:fs throws nothing else
    }
    return this.#current;
  }

  #write(lines: Uint8Array): void {
    const { files } = this.#options;
    const segment = this.#current;
    if (!segment) throw new Error("there is no segment");
    const bytes = this.#torn ? Buffer.concat([LINE_END, lines]) : lines;
    for (let done = 0; done < bytes.length; ) {
      this.#torn = true; // until the last line is whole
      const count = files.writeSync(this.#file, bytes, done);
      done += count;
      segment.bytes += count;
      this.#bytes += count;
    }
    this.#torn = false;
    if (this.#failure) this.#onHealth(null);
  }

  #rotate(): void {
    const { directory, files, durability } = this.#options;
    const segment = newSegment(directory, this.#next);
    const file = files.openSync(segment.path, "ax", OWNER_ONLY);
    if (durability === "power") this.#syncDirectory();
    if (this.#file >= 0) files.closeSync(this.#file);
    this.#next++;
    this.#file = file;
    this.#current = segment;
    this.#torn = false;
    this.#segments.push(segment);
    this.#sweep();
  }

  #syncDirectory(): void {
    const { directory, files } = this.#options;
    const handle = files.openSync(directory, "r");
    files.fsyncSync(handle);
    files.closeSync(handle);
  }

  /** Removes the segments nobody needs any more. */
  #sweep(): void {
    const { files, logger } = this.#options;
    for (const segment of this.#segments.filter((each) => each !== this.#current && isDone(each))) {
      this.#segments.splice(this.#segments.indexOf(segment), 1);
      this.#bytes -= segment.bytes;
      try {
        files.rmSync(segment.path, { force: true });
      } catch (error) {
        logger.warn({ err: error }, "a segment of the usage journal cannot be removed");
      }
    }
  }

  #onHealth(error: Error | null): void {
    const { clock, logger } = this.#options;
    if (error && !this.#failure)
      logger.error({ err: error }, "the usage journal cannot be written; usage is kept in memory until it can");
    if (!error && this.#failure) logger.info({}, "the usage journal can be written again");
    this.#failure = error;
    this.#retryAt = clock.monotonic() + RETRY_MS;
  }
}

function isDone({ rows, open, unread, broken }: Segment): boolean {
  return rows === 0 && open === 0 && !unread && !broken;
}
