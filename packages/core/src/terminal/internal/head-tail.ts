import { incompleteHead, incompleteTail } from "./utf8.js";

/** Keeps the beginning and the end of a stream of bytes, and counts the rest. */
export class HeadTail {
  readonly #limit: number;
  readonly #headLimit: number;
  #head: Uint8Array[] = [];
  #headBytes = 0;
  #tail: Uint8Array[] = [];
  #tailBytes = 0;
  #total = 0;

  /** @param limit - bytes to keep, half of them of each end */
  constructor(limit: number) {
    this.#limit = limit;
    this.#headLimit = Math.ceil(limit / 2);
  }

  /** Bytes there have been. */
  get total(): number {
    return this.#total;
  }

  /** Whether bytes are missing between head and tail. */
  get truncated(): boolean {
    return this.#total > this.#limit;
  }

  /** Takes bytes; they must not change afterwards. */
  push(bytes: Uint8Array): void {
    this.#total += bytes.length;
    const room = this.#headLimit - this.#headBytes;
    const forHead = bytes.subarray(0, room);
    if (forHead.length > 0) this.#head.push(forHead);
    this.#headBytes += forHead.length;
    if (bytes.length > room) this.#pushTail(bytes.subarray(room));
  }

  /** The bytes that are kept, without a word about those that are not. */
  bytes(): Buffer {
    const [head, tail] = this.#ends();
    return Buffer.concat([head, tail]);
  }

  /** The same as text, with a line that says what is missing. */
  text(): string {
    const [head, tail] = this.#ends();
    if (!this.truncated) return Buffer.concat([head, tail]).toString("utf8");
    const before = head.subarray(0, head.length - incompleteTail(head));
    const after = tail.subarray(incompleteHead(tail));
    const missing = this.#total - before.length - after.length;
    return `${before.toString("utf8")}\n[${missing} bytes omitted]\n${after.toString("utf8")}`;
  }

  #ends(): readonly [head: Buffer, tail: Buffer] {
    const tail = Buffer.concat(this.#tail);
    const room = this.#limit - this.#headBytes;
    return [Buffer.concat(this.#head), room > 0 ? tail.subarray(-room) : tail.subarray(0, 0)];
  }

  #pushTail(bytes: Uint8Array): void {
    const room = this.#limit - this.#headLimit;
    this.#tail.push(bytes.length > room ? bytes.subarray(bytes.length - room) : bytes);
    this.#tailBytes += Math.min(bytes.length, room);
    while (this.#tailBytes - (this.#tail[0]?.length ?? 0) >= room && this.#tail.length > 1) {
      this.#tailBytes -= this.#tail.shift()?.length ?? 0;
    }
  }
}
