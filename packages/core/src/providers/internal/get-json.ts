import type { Exchange, Receiver } from "../../spec/provider.js";
import type { Transport, TransportRequest } from "./transport.js";

const MAX_BYTES = 4 * 1024 * 1024;

/** Asks an upstream for JSON. Rejects where it answers with anything else. */
export function getJson(
  transport: Transport,
  request: TransportRequest,
  { name, signal }: { readonly name: string; readonly signal: AbortSignal },
): Promise<unknown> {
  return new Promise<Buffer>((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let running: Exchange | null = null;
    const fail = (error: Error) => {
      reject(error);
      running?.abort(error);
    };
    const leave = () => fail(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
    const receiver: Receiver = {
      onStart(exchange) {
        running = exchange;
        if (signal.aborted) exchange.abort(new Error("aborted"));
      },
      onHeaders(status) {
        if (status !== 200) fail(new Error(`${name} answered ${request.path} with ${status}`));
      },
      onData(chunk) {
        size += chunk.length;
        if (size > MAX_BYTES)
          return fail(new Error(`${name} answered ${request.path} with more than ${MAX_BYTES} bytes`));
        chunks.push(chunk);
      },
      onEnd() {
        signal.removeEventListener("abort", leave);
        resolve(Buffer.concat(chunks));
      },
      onError(cause) {
        signal.removeEventListener("abort", leave);
        reject(cause);
      },
    };
    signal.addEventListener("abort", leave, { once: true });
    if (signal.aborted) return leave();
    transport.send(request, receiver);
  }).then((bytes) => JSON.parse(bytes.toString("utf8")));
}
