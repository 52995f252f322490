const HEAD_END = "\r\n\r\n";
const LENGTH = /content-length: *(\d+)/i;

/** Finds whole requests in what a connection brings; nobody here sends two at a time or a chunked body. */
export class RequestReader {
  #onRequest;
  #held = null;

  constructor(onRequest) {
    this.#onRequest = onRequest;
  }

  push(bytes) {
    const held = this.#held ? Buffer.concat([this.#held, bytes]) : bytes;
    const headEnd = held.indexOf(HEAD_END);
    const head = headEnd < 0 ? "" : held.latin1Slice(0, headEnd);
    const bodyAt = headEnd + HEAD_END.length;
    const whole = headEnd >= 0 && held.length >= bodyAt + Number(LENGTH.exec(head)?.[1] ?? 0);
    this.#held = whole ? null : held;
    if (whole) this.#onRequest(head, held.subarray(bodyAt));
  }
}
