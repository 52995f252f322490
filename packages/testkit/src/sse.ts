import type { ByteStream } from "@sluice/core";

/** One decoded event. */
export interface DecodedEvent {
  /** @defaultValue "message", as in the standard */
  readonly event: string;
  readonly data: string;
  /** The last event id as it stood then. */
  readonly id: string;
}

/**
 * The reference decoder: WHATWG HTML 9.2.6 taken literally, one line after the other, with no regard for speed.
 * An event that the end of the stream cuts off is dropped, as the standard says.
 */
export function decodeSse(source: string | Uint8Array): DecodedEvent[] {
  // TextDecoder takes a leading byte order mark away, like the standard's own decode step.
  const text = typeof source === "string" ? source.replace(/^\uFEFF/, "") : new TextDecoder().decode(source);
  const lines = text.split(/\r\n|\n|\r/);
  lines.pop(); // a line without its end is no line
  const events: DecodedEvent[] = [];
  let data: string[] = [];
  let event = "";
  let id = "";
  for (const line of lines) {
    if (line === "") {
      if (data.length > 0) events.push({ event: event || "message", data: data.join("\n"), id });
      data = [];
      event = "";
      continue;
    }
    const [field, value] = fieldOf(line);
    if (field === "data") data.push(value);
    else if (field === "event") event = value;
    else if (field === "id" && !value.includes("\0")) id = value;
  }
  return events;
}

function fieldOf(line: string): [string, string] {
  const colon = line.indexOf(":");
  if (colon < 0) return [line, ""];
  return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, "")];
}

/** The parsed JSON of each event's data, `[DONE]` left out. */
export function sseJson(source: string | Uint8Array): unknown[] {
  return decodeSse(source)
    .filter(({ data }) => data !== "[DONE]")
    .map(({ data }) => JSON.parse(data));
}

/** What {@link collect} found. */
export interface Collected {
  /** One entry for each read. */
  readonly chunks: readonly Buffer[];
  readonly bytes: Buffer;
  readonly text: string;
  /** How a {@link ByteStream} failed after its first output. */
  readonly error: unknown;
}

/** A body to read: a fetch `Response`, anything that iterates over bytes, or a gateway's byte stream. */
export type BodySource = Response | AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string> | ByteStream;

/** Reads a body to its end. */
export async function collect(source: BodySource): Promise<Collected> {
  const chunks: Buffer[] = [];
  let error: unknown;
  if (isByteStream(source)) {
    error = await pipeInto(source, chunks);
  } else {
    for await (const chunk of source instanceof Response ? (source.body ?? []) : source)
      chunks.push(Buffer.from(chunk));
  }
  const bytes = Buffer.concat(chunks);
  return { chunks, bytes, text: bytes.toString("utf8"), error };
}

/** Node's own streams have a `pipe` as well, and iterate. */
function isByteStream(source: BodySource): source is ByteStream {
  return typeof source === "object" && "pipe" in source && !(Symbol.asyncIterator in source);
}

function pipeInto(source: ByteStream, chunks: Buffer[]): Promise<unknown> {
  return new Promise((resolve) => {
    source.pipe({
      write(chunk) {
        chunks.push(Buffer.from(chunk));
        return true;
      },
      end: () => resolve(undefined),
      abort: () => resolve(new Error("broke off")),
      fail: resolve,
    });
  });
}
