import type { Dispatcher, ProxyAgent } from "undici";
import { MAX_HEAD_BYTES } from "../../http1/response-parser.js";
import type { Exchange, Receiver, UpstreamHeaders } from "../../spec/provider.js";
import { MAX_CONNECT_MS, type Transport } from "./transport.js";

/**
 * Through an HTTP proxy, which resolves names itself. undici knows proxies, and is loaded with the first call; its own timers
 * would only race ours, and a cap on connections would be a cap on open streams.
 */
export function proxiedTransport({ origin }: URL, proxy: string): Transport {
  let opening: Promise<ProxyAgent> | null = null;

  async function open(): Promise<ProxyAgent> {
    const { ProxyAgent } = await import("undici");
    return new ProxyAgent({
      uri: proxy,
      connections: null,
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: MAX_HEAD_BYTES,
      connect: { timeout: MAX_CONNECT_MS },
    });
  }

  return {
    send({ method, path, headers, extraHeaders, body }, receiver) {
      opening ??= open();
      const all = { ...headers, ...extraHeaders };
      opening
        .then((agent) => agent.dispatch({ origin, method, path, headers: all, body }, new ReceivingHandler(receiver)))
        .catch((error: unknown) => receiver.onError(error));
    },
    close: async () => (await opening)?.destroy(),
  };
}

/** Hands undici's callbacks to a receiver. */
class ReceivingHandler implements Dispatcher.DispatchHandler {
  readonly #receiver: Receiver;

  constructor(receiver: Receiver) {
    this.#receiver = receiver;
  }

  onRequestStart(controller: Exchange): void {
    this.#receiver.onStart(controller);
  }

  onResponseStart(_controller: unknown, status: number, headers: UpstreamHeaders): void {
    if (status >= 200) this.#receiver.onHeaders(status, headers); // 1xx: the answer is still to come
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    this.#receiver.onData(chunk);
  }

  onResponseEnd(): void {
    this.#receiver.onEnd();
  }

  onResponseError(_controller: unknown, cause: Error): void {
    this.#receiver.onError(cause);
  }
}
