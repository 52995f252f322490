import { Http1Error } from "./http1-error.js";

const CR = 0x0d;
const LF = 0x0a;
const SEMICOLON = 0x3b;
const SPACE = 0x20;
const TAB = 0x09;

/** Seven hexadecimal digits: 256 MiB in one chunk. */
const MAX_SIZE_DIGITS = 7;
/** Of one chunk's extensions, and of all trailers. */
const MAX_SKIPPED_BYTES = 16 * 1024;

type State =
  | "size"
  | "extension"
  | "size-lf"
  | "data"
  | "data-cr"
  | "data-lf"
  | "line"
  | "trailer"
  | "last-lf"
  | "done";

/** Finds the data in a chunked body (RFC 9112 7.1). Extensions and trailers are passed over. */
export class ChunkedBody {
  #state: State = "size";
  #digits = 0;
  #left = 0;
  #skipped = 0;

  get done(): boolean {
    return this.#state === "done";
  }

  /**
   * Reads on at `from`, and says where the data in these bytes lies; returns where it stopped, which is the end of the
   * bytes or of the body.
   * @throws Http1Error `BAD_CHUNK`
   */
  push(bytes: Buffer, from: number, onData: (start: number, end: number) => void): number {
    let at = from;
    while (at < bytes.length && this.#state !== "done") {
      if (this.#state !== "data") this.#readByte(bytes[at++] as number);
      else {
        const end = Math.min(bytes.length, at + this.#left);
        this.#left -= end - at;
        if (this.#left === 0) this.#state = "data-cr";
        onData(at, end);
        at = end;
      }
    }
    return at;
  }

  #readByte(byte: number): void {
    switch (this.#state) {
      case "size":
        return this.#readSize(byte);
      case "extension":
        if (byte === CR) this.#state = "size-lf";
        else this.#skip(byte);
        return;
      case "size-lf":
        this.#expect(byte, LF, this.#left === 0 ? "line" : "data");
        this.#digits = 0;
        this.#skipped = 0;
        return;
      case "data-cr":
        return this.#expect(byte, CR, "data-lf");
      case "data-lf":
        return this.#expect(byte, LF, "size");
      case "line": // of the trailers; an empty one is the last
        if (byte === CR) this.#state = "last-lf";
        else this.#state = "trailer";
        return;
      case "trailer":
        if (byte === LF) this.#state = "line";
        else this.#skip(byte);
        return;
      default:
        return this.#expect(byte, LF, "done");
    }
  }

  #readSize(byte: number): void {
    const digit = hexDigit(byte);
    if (digit >= 0 && this.#digits < MAX_SIZE_DIGITS) {
      this.#digits++;
      this.#left = this.#left * 16 + digit;
    } else if (this.#digits > 0 && byte === CR) this.#state = "size-lf";
    else if (this.#digits > 0 && (byte === SEMICOLON || byte === SPACE || byte === TAB)) this.#state = "extension";
    else throw bad();
  }

  #skip(byte: number): void {
    if (byte === LF || ++this.#skipped > MAX_SKIPPED_BYTES) throw bad();
  }

  #expect(byte: number, wanted: number, next: State): void {
    if (byte !== wanted) throw bad();
    this.#state = next;
  }
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

function bad(): Http1Error {
  return new Http1Error("BAD_CHUNK", "sent a chunked body that is none");
}
