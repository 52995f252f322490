/** One event of a server-sent event stream, decoded only as far as somebody asks. */
export class SseEvent {
  /** The event's bytes as they came, its closing blank line included. */
  readonly raw: Buffer;
  #fields: { data: string | null; event: string } | undefined;

  constructor(raw: Buffer) {
    this.raw = raw;
  }

  /** The `data` lines joined by LF; null where the event holds none, as a comment does. */
  get data(): string | null {
    return this.#parse().data;
  }

  /** The `event` field, empty where there is none. */
  get event(): string {
    return this.#parse().event;
  }

  /** WHATWG HTML 9.2.6: a field's value loses one leading space; comments and unknown fields are ignored. */
  #parse(): { data: string | null; event: string } {
    if (this.#fields) return this.#fields;
    let data: string | null = null;
    let event = "";
    // A byte order mark can only stand at the start of the stream, which is the start of an event.
    for (const line of this.raw
      .toString("utf8")
      .replace(/^\uFEFF/, "")
      .split(/\r\n|\n|\r/)) {
      const colon = line.indexOf(":");
      const field = colon < 0 ? line : line.slice(0, colon);
      if (field !== "data" && field !== "event") continue;
      const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
      if (field === "event") event = value;
      else data = data === null ? value : `${data}\n${value}`;
    }
    this.#fields = { data, event };
    return this.#fields;
  }
}
