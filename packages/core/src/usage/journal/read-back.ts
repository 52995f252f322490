import type { LedgerRow } from "../../schemas/ledger.js";
import type { Logger } from "../../spec/logger.js";
import { readLine } from "./line.js";
import { readCrashed, readRow } from "./row-text.js";
import type { JournalFiles, Segment } from "./segment.js";

/** What reading back works with. */
export interface ReadBackDeps {
  readonly files: JournalFiles;
  readonly logger: Logger;
  /** How many rows may be pushed now. */
  readonly room: () => number;
  readonly push: (row: LedgerRow, segment: Segment) => void;
  /** Takes the row of a call that was sent by a process that went down before the call ended. */
  readonly crashed: (row: LedgerRow) => void;
  /** Told that a segment has been read. */
  readonly onRead: () => void;
}

const CHUNK_BYTES = 64 * 1024;

/** Reads segments in the background, no faster than the store takes their rows. */
export class ReadBack {
  readonly #deps: ReadBackDeps;
  readonly #queue: Segment[] = [];
  /** What an earlier process had sent and not seen the end of, as far as it was read. */
  readonly #open = new Map<unknown, readonly unknown[]>();
  #recovering = 0;
  #resume: (() => void) | null = null;
  #isReading = false;
  #isStopped = false;

  constructor(deps: ReadBackDeps) {
    this.#deps = deps;
  }

  /** Reads what an earlier process left, and books the calls whose end it did not see. */
  recover(segments: readonly Segment[]): void {
    this.#recovering = segments.length;
    for (const segment of segments) this.add(segment);
  }

  /** Reads a segment; one that waits already is read once. */
  add(segment: Segment): void {
    if (this.#queue.includes(segment)) return;
    this.#queue.push(segment);
    if (!this.#isReading) void this.#readAll();
  }

  /** To be called when there may be room again. */
  goOn(): void {
    if (this.#deps.room() > 0) this.#resume?.();
  }

  /** Leaves what is unread to the next process. */
  stop(): void {
    this.#isStopped = true;
    this.#resume?.();
  }

  async #readAll(): Promise<void> {
    this.#isReading = true;
    for (let segment = this.#queue[0]; segment && !this.#isStopped; segment = this.#queue[0]) {
      const isOld = this.#recovering > 0;
      await this.#read(segment, isOld);
      this.#queue.shift();
      if (isOld && --this.#recovering === 0) this.#bookCrashed();
      this.#deps.onRead();
    }
    this.#isReading = false;
  }

  async #read(segment: Segment, isOld: boolean): Promise<void> {
    const { files, logger } = this.#deps;
    let rest = "";
    let damaged = 0;
    try {
      const stream = files.createReadStream(segment.path, { encoding: "utf8", highWaterMark: CHUNK_BYTES });
      for await (const chunk of stream) {
        const lines = (rest + String(chunk)).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) {
          await this.#room();
          if (this.#isStopped) return;
          if (!this.#take(line, segment, isOld) && line !== "") damaged++;
        }
      }
      if (rest !== "" && !this.#take(rest, segment, isOld)) damaged++;
    } catch (error) {
      logger.error({ err: error, segment: segment.path }, "a segment of the usage journal cannot be read");
      segment.broken = true;
      return;
    }
    segment.unread = false;
    if (damaged > 0)
      logger.warn({ segment: segment.path, lines: damaged }, "the usage journal holds lines that were cut off");
  }

  /** False for a line that is none. */
  #take(text: string, segment: Segment, isOld: boolean): boolean {
    const line = readLine(text);
    if (!line) return false;
    const { kind, list } = line;
    if (kind === "S") {
      if (isOld) this.#open.set(list[0], list);
      return true;
    }
    if (isOld) this.#open.delete(list[0]);
    const row = readRow(list);
    if (row) this.#deps.push(row, segment);
    else segment.broken = true;
    return true;
  }

  #room(): Promise<void> | void {
    if (this.#deps.room() > 0) return;
    return new Promise((resolve) => {
      this.#resume = () => {
        this.#resume = null;
        resolve();
      };
    });
  }

  #bookCrashed(): void {
    for (const list of this.#open.values()) {
      const row = readCrashed(list);
      if (row) this.#deps.crashed(row);
    }
    this.#open.clear();
  }
}
