import { incompleteHead, incompleteTail } from "./internal/utf8.js";

/** A piece of a log. */
export interface LogPiece {
  readonly bytes: Buffer;
  /** Where the next piece starts. */
  readonly cursor: number;
  /** Bytes between the cursor asked for and this piece that are no longer kept. */
  readonly dropped: number;
}

const BLOCK_BYTES = 16 * 1024;

/**
 * The last output of a terminal, for any number of readers. A cursor is the number of bytes before it since the beginning,
 * so it stays right whatever is dropped. Characters are stored whole: what begins one waits for its rest, so that every
 * reader sees the same.
 */
export class OutputLog {
  readonly #capacity: number;
  readonly #listeners = new Set<() => void>();
  #blocks: Buffer[] = [];
  /** Where the first block starts. */
  #first = 0;
  #start = 0;
  #end = 0;
  #pending = Buffer.alloc(0);
  #dropped = 0;
  #closed = false;

  /** @param capacity - bytes to keep */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The oldest byte that is kept. */
  get start(): number {
    return this.#start;
  }

  /** Where the next byte will stand. */
  get end(): number {
    return this.#end;
  }

  /** Bytes that are no longer kept. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Whether nothing more will come. */
  get closed(): boolean {
    return this.#closed;
  }

  append(bytes: Uint8Array): void {
    const all = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    const tail = incompleteTail(all);
    this.#pending = Buffer.from(all.subarray(all.length - tail));
    this.#store(all.subarray(0, all.length - tail));
    this.#tell();
  }

  /** Nothing more will come, for now: what was held back is stored as it is. */
  close(): void {
    this.#store(this.#pending);
    this.#pending = Buffer.alloc(0);
    this.#closed = true;
    this.#tell();
  }

  /** More will come after all, such as from a shell that was started again. */
  reopen(): void {
    this.#closed = false;
  }

  /** What follows a cursor, at most `maxBytes` of it and never half a character. A cursor beyond the end reads nothing. */
  read(cursor: number, maxBytes: number): LogPiece {
    const from = Math.min(Math.max(cursor, this.#start), this.#end);
    const bytes = this.#slice(from, Math.min(this.#end, from + maxBytes));
    const whole = from + bytes.length === this.#end ? bytes : bytes.subarray(0, bytes.length - incompleteTail(bytes));
    return { bytes: whole, cursor: from + whole.length, dropped: Math.max(0, from - cursor) };
  }

  /** Calls `listener` after each change, until the returned function is called. */
  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  #store(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const used = this.#end - this.#first;
      const block = Math.floor(used / BLOCK_BYTES);
      const at = used % BLOCK_BYTES;
      this.#blocks[block] ??= Buffer.allocUnsafeSlow(BLOCK_BYTES);
      const piece = bytes.subarray(done, done + BLOCK_BYTES - at);
      this.#blocks[block].set(piece, at);
      done += piece.length;
      this.#end += piece.length;
    }
    this.#trim();
  }

  #trim(): void {
    const surplus = Math.floor((this.#end - this.#first - this.#capacity) / BLOCK_BYTES);
    if (surplus <= 0) return;
    this.#blocks.splice(0, surplus);
    this.#first += surplus * BLOCK_BYTES;
    const start = this.#first + incompleteHead(this.#slice(this.#first, Math.min(this.#end, this.#first + 3)));
    this.#dropped += start - this.#start;
    this.#start = start;
  }

  #slice(from: number, to: number): Buffer {
    const pieces: Buffer[] = [];
    for (let at = from; at < to; ) {
      const block = Math.floor((at - this.#first) / BLOCK_BYTES);
      const offset = (at - this.#first) % BLOCK_BYTES;
      const piece = (this.#blocks[block] as Buffer).subarray(offset, Math.min(BLOCK_BYTES, offset + to - at)); // stored
      pieces.push(piece);
      at += piece.length;
    }
    return Buffer.concat(pieces);
  }
}
