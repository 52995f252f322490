import type { Gate } from "./gate.js";

/** Response headers; a list repeats the header. */
export type ReplyHeaders = Readonly<Record<string, string | readonly string[]>>;

/**
 * One step of a reply. `bytes` is one write of body (`event` marks the end of a server-sent event); `raw` goes to the
 * socket outside of any HTTP framing; `hang` waits for the client to leave; `cut` closes the connection in the middle
 * of the body; `reset` does so with a TCP reset.
 */
export type Step =
  | { readonly kind: "head"; readonly status: number; readonly headers: ReplyHeaders }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array; readonly event?: boolean }
  | { readonly kind: "raw"; readonly bytes: Uint8Array }
  | { readonly kind: "hang" | "cut" | "reset" }
  | Gate;

/** What the upstream answers to one request: steps, played in order. An iterable may be endless: it is read lazily. */
export interface Reply {
  readonly steps: Iterable<Step>;
}

/** A reply whose steps are made while they are played, afresh each time. */
export function lazily(steps: () => Iterator<Step>): Reply {
  return { steps: { [Symbol.iterator]: steps } };
}

/** Any status, headers and body; each part of a list is written on its own. Without `content-length` the body is chunked. */
export function raw(
  status: number,
  headers: ReplyHeaders,
  body: string | Uint8Array | readonly (string | Uint8Array | Gate)[] = [],
): Reply {
  const parts = typeof body === "string" || body instanceof Uint8Array ? [body] : body;
  return { steps: [{ kind: "head", status, headers }, ...parts.map(partStep)] };
}

/** A JSON answer with its content length. */
export function json(status: number, body: unknown, headers: ReplyHeaders = {}): Reply {
  const bytes = Buffer.from(JSON.stringify(body));
  return raw(status, { "content-type": "application/json", "content-length": `${bytes.length}`, ...headers }, bytes);
}

/** An error answer: an object goes out as JSON, a string as it is. */
export function error(status: number, body: unknown, headers: ReplyHeaders = {}): Reply {
  if (typeof body !== "string") return json(status, body, headers);
  return raw(status, { "content-type": "text/plain; charset=utf-8", ...headers }, body);
}

/** Bytes in place of an HTTP response; then the connection closes. */
export function notHttp(...parts: readonly (string | Uint8Array | Gate)[]): Reply {
  return {
    steps: parts.map((part) => {
      const step = partStep(part);
      return step.kind === "bytes" ? { kind: "raw", bytes: step.bytes } : step;
    }),
  };
}

function partStep(part: string | Uint8Array | Gate): Step {
  if (typeof part === "string") return { kind: "bytes", bytes: Buffer.from(part) };
  return part instanceof Uint8Array ? { kind: "bytes", bytes: part } : part;
}
