import type { IncomingMessage, ServerResponse } from "node:http";
import { GatewayError, type GatewayRequest } from "@sluice/core";
import { ClientLeaving } from "./client-leaving.js";

/** Where a body parser before the gateway leaves what it has read. */
export interface ParsedBody {
  /** What was parsed, or a Buffer. */
  readonly body?: unknown;
  /** The text or bytes it was parsed from; better, since parsing loses digits and repeated keys. */
  readonly rawBody?: unknown;
}

/** A Node request as the gateway reads it; nothing is read or made before somebody asks for it. */
export class NodeRequest implements GatewayRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: { get(name: string): string | null };
  readonly signal = new ClientLeaving();
  readonly #incoming: IncomingMessage;
  readonly #outgoing: ServerResponse;
  readonly #parsed: ParsedBody;

  constructor(incoming: IncomingMessage, outgoing: ServerResponse, url: string, parsed: ParsedBody) {
    this.method = incoming.method ?? "GET";
    this.url = url;
    this.headers = { get: (name) => headerOf(incoming, name) };
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.#parsed = parsed;
    // "close" also comes after a finished answer; only before it has the client left.
    outgoing.on("close", () => {
      if (!outgoing.writableFinished) this.signal.abort();
    });
  }

  /** What a body parser has made of the body, where it kept no bytes. */
  get parsedBody(): unknown {
    return this.#incoming.readableEnded && this.#kept() === null ? this.#parsed.body : undefined;
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    const bytes = await this.bytes();
    return new Uint8Array(bytes).buffer;
  }

  /** @throws GatewayError `payload_too_large`, `client_closed_request`, `invalid_request` where somebody else has read the body */
  bytes(maxBytes = Number.POSITIVE_INFINITY): Promise<Uint8Array> {
    const incoming = this.#incoming;
    const kept = incoming.readableEnded ? this.#kept() : null;
    if (kept) return Promise.resolve(kept);
    if (incoming.readableEnded) {
      const details =
        "something before the gateway has read the body and kept nothing of it; mount the gateway before it";
      return Promise.reject(new GatewayError("invalid_request", { details }));
    }
    if (incoming.headers.expect) this.#outgoing.writeContinue();
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let size = 0;
      incoming.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size > maxBytes) {
          incoming.pause();
          incoming.removeAllListeners("data");
          const details = `at most ${maxBytes} bytes are accepted here`;
          return reject(new GatewayError("payload_too_large", { details }));
        }
        chunks.push(chunk);
      });
      incoming.on("end", () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
      incoming.on("error", (cause) => reject(new GatewayError("client_closed_request", { cause })));
    });
  }

  /** The bytes that a body parser has read and kept. */
  #kept(): Uint8Array | null {
    const { body, rawBody = body } = this.#parsed;
    if (rawBody instanceof Uint8Array) return rawBody;
    return typeof rawBody === "string" ? Buffer.from(rawBody) : null;
  }
}

function headerOf({ headers, rawHeaders }: IncomingMessage, name: string): string | null {
  const value = headers[name];
  if (value === undefined) return null;
  if (typeof value !== "string") return value.join(", ");
  // Of these Node keeps the first and drops the rest in silence, though none may be repeated.
  return name === "host" || name === "authorization" ? allOf(rawHeaders, name, value) : value;
}

/** The header's value, or every value of a repeated one, joined as other lists are. */
function allOf(rawHeaders: readonly string[], name: string, value: string): string {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const raw = rawHeaders[index] as string; // names stand at even places
    if (raw.length === name.length && raw.toLowerCase() === name) count++;
  }
  return count > 1 ? Array(count).fill(value).join(", ") : value;
}
