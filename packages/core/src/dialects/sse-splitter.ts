import { SseEvent } from "./sse-event.js";
import { UpstreamFailure } from "./upstream-failure.js";

const LF = 0x0a;
const CR = 0x0d;

/** The longest event an upstream may send. */
export const MAX_EVENT_BYTES = 1024 * 1024;

/**
 * Cuts a byte stream into server-sent events at their blank lines, whatever the line ends (LF, CRLF, CR) and however
 * the bytes were cut on their way. Events keep their bytes; nothing is decoded here.
 */
export class SseSplitter {
  #carry: Buffer[] = [];
  #carried = 0;
  #lineStart = true;
  #afterCr = false;

  /** Calls `onEvent` for each event that is whole now. @throws UpstreamFailure when an event passes {@link MAX_EVENT_BYTES}. */
  push(chunk: Buffer, onEvent: (event: SseEvent) => void): void {
    const { length } = chunk;
    let start = 0;
    let lineStart = this.#lineStart;
    let afterCr = this.#afterCr;
    for (let index = 0; index < length; index++) {
      const byte = chunk[index];
      if (byte !== LF && byte !== CR) {
        lineStart = false;
        afterCr = false;
        continue;
      }
      if (byte === LF && afterCr) {
        afterCr = false; // second half of a CRLF
        continue;
      }
      afterCr = byte === CR;
      if (!lineStart) {
        lineStart = true;
        continue;
      }
      // A blank line. Its LF, where the CR came first, still belongs to it.
      if (afterCr && index + 1 < length && chunk[index + 1] === LF) {
        index++;
        afterCr = false;
      }
      onEvent(new SseEvent(this.#take(chunk, start, index + 1)));
      start = index + 1;
    }
    this.#lineStart = lineStart;
    this.#afterCr = afterCr;
    if (start < length) this.#keep(start === 0 ? chunk : chunk.subarray(start));
  }

  /** What has come of an event whose closing blank line has not, closed by one; null for nothing. */
  rest(): SseEvent | null {
    if (this.#carried === 0) return null;
    return new SseEvent(Buffer.concat([...this.#carry, Buffer.from(this.#lineStart ? "\n" : "\n\n")]));
  }

  #take(chunk: Buffer, start: number, end: number): Buffer {
    const part = start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end);
    if (this.#carried === 0) return part;
    const whole = Buffer.concat([...this.#carry, part]);
    this.#carry = [];
    this.#carried = 0;
    return whole;
  }

  #keep(part: Buffer): void {
    this.#carried += part.length;
    if (this.#carried > MAX_EVENT_BYTES) {
      throw new UpstreamFailure("upstream_failed", { details: `sent an event of more than ${MAX_EVENT_BYTES} bytes` });
    }
    this.#carry.push(part);
  }
}
