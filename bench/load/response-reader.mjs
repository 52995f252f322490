const LENGTH = /content-length: *(\d+)/i;
const CHUNKED = /transfer-encoding: *chunked/i;
const CLOSE = /connection: *close/i;
const CARRIAGE_RETURN = 13;
const SHOWN_BYTES = 400;

/** Reads HTTP/1.1 answers and nothing else, as cheaply as possible: the load generator must not be what limits. */
export class ResponseReader {
  /** Whether the server will close the connection after this answer. */
  closing = false;
  #onBody;
  #onEnd;
  #held = null;
  #left = 0;
  #step = this.#readHead;

  /** `onBody` gets a buffer and the bounds of the body bytes in it. */
  constructor({ onBody, onEnd }) {
    this.#onBody = onBody;
    this.#onEnd = onEnd;
  }

  /** Whether an answer has begun and not ended. */
  get isInside() {
    return this.#held !== null || this.#step !== this.#readHead;
  }

  /** @throws Error for an answer that is not a 200 */
  push(bytes) {
    const all = this.#held ? Buffer.concat([this.#held, bytes]) : bytes;
    this.#held = null;
    let at = 0;
    while (at < all.length) {
      const next = this.#step(all, at);
      if (next < 0) {
        this.#held = all.subarray(at);
        return;
      }
      at = next;
    }
  }

  #readHead(bytes, at) {
    const end = bytes.indexOf("\r\n\r\n", at);
    if (end < 0) return -1;
    const head = bytes.latin1Slice(at, end);
    if (!head.startsWith("HTTP/1.1 200 "))
      throw new Error(`unexpected answer: ${bytes.latin1Slice(at, at + SHOWN_BYTES)}`);
    this.closing = CLOSE.test(head);
    if (CHUNKED.test(head)) {
      this.#step = this.#readSize;
      return end + 4;
    }
    this.#left = Number(LENGTH.exec(head)?.[1] ?? Number.NaN);
    if (!(this.#left > 0)) throw new Error(`an answer without a body: ${head}`);
    this.#step = this.#readPlain;
    return end + 4;
  }

  #readPlain(bytes, at) {
    const end = this.#take(bytes, at);
    if (this.#left === 0) this.#finish();
    return end;
  }

  #readSize(bytes, at) {
    const end = bytes.indexOf(CARRIAGE_RETURN, at);
    if (end < 0 || end + 1 === bytes.length) return -1;
    this.#left = Number.parseInt(bytes.latin1Slice(at, end), 16);
    if (Number.isNaN(this.#left)) throw new Error("a chunk without a size");
    this.#step = this.#left === 0 ? this.#readTrailer : this.#readChunk;
    return end + 2;
  }

  #readChunk(bytes, at) {
    const end = this.#take(bytes, at);
    if (this.#left === 0) this.#step = this.#readChunkEnd;
    return end;
  }

  #readChunkEnd(bytes, at) {
    if (bytes.length - at < 2) return -1;
    this.#step = this.#readSize;
    return at + 2;
  }

  #readTrailer(bytes, at) {
    if (bytes.length - at < 2) return -1;
    if (bytes[at] !== CARRIAGE_RETURN) throw new Error("a trailer, which nobody here sends");
    this.#finish();
    return at + 2;
  }

  #take(bytes, at) {
    const end = Math.min(bytes.length, at + this.#left);
    this.#left -= end - at;
    this.#onBody(bytes, at, end);
    return end;
  }

  #finish() {
    this.#step = this.#readHead;
    this.#onEnd();
  }
}
