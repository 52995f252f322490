import { GatewayError, isGatewayError } from "../errors.js";
import type { ByteSink, ByteStream, GatewayRequest, GatewayResponse } from "../spec/http.js";
import { tooLarge } from "./body.js";

/** A Fetch request as the gateway reads it; the body is read no further than its route allows. */
export function fromFetchRequest(request: Request, url: string, signal: AbortSignal): GatewayRequest {
  return {
    method: request.method,
    url,
    headers: request.headers,
    signal,
    arrayBuffer: () => request.arrayBuffer(),
    bytes: (maxBytes = Number.POSITIVE_INFINITY) => readCapped(request, maxBytes),
  };
}

/** @throws GatewayError `payload_too_large`, `client_closed_request`, `invalid_request` where somebody else has read the body */
async function readCapped({ body, bodyUsed }: Request, maxBytes: number): Promise<Uint8Array> {
  if (bodyUsed || body?.locked) {
    const details = "something before the gateway has read the body; hand the gateway a request that is whole";
    throw new GatewayError("invalid_request", { details });
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    // Node's ReadableStream is async iterable; the DOM's type does not say so.
    for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    }
  } catch (cause) {
    throw isGatewayError(cause) ? cause : new GatewayError("client_closed_request", { cause });
  }
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks);
}

/** Statuses that must not have a body (Fetch 2.2.3). */
const NULL_BODY = new Set([204, 205, 304]);

/** An answer of the gateway as a Fetch response. `leave` is called when the reader cancels a streamed body. */
export function toFetchResponse({ status, headers, body }: GatewayResponse, leave: () => void): Response {
  const content = body === null || NULL_BODY.has(status) ? null : isByteStream(body) ? readable(body, leave) : body;
  return new Response(content, { status, headers });
}

/** Whether a body is streamed. */
export function isByteStream(body: GatewayResponse["body"]): body is ByteStream {
  return typeof body === "object" && body !== null && "pipe" in body;
}

function readable(stream: ByteStream, leave: () => void): ReadableStream<Uint8Array> {
  let flow: { drain(): void } | null = null;
  let cancelled = false;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const sink: ByteSink = {
        write(chunk) {
          if (cancelled) return false;
          controller.enqueue(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
          return (controller.desiredSize ?? 0) > 0;
        },
        end() {
          if (!cancelled) controller.close();
        },
        abort() {
          if (!cancelled) controller.error(new Error("the upstream broke off"));
        },
      };
      flow = stream.pipe(sink);
    },
    pull: () => flow?.drain(),
    cancel() {
      cancelled = true;
      leave();
    },
  });
}
