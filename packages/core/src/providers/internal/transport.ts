import type { Receiver } from "../../spec/provider.js";

/** One request to an upstream. */
export interface TransportRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
  /** Names in lower case. The same object for every request that has the same ones. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of this request alone; they go before `headers`. */
  readonly extraHeaders?: Readonly<Record<string, string>> | undefined;
  readonly body: string | Uint8Array | null;
}

/** Carries requests to one origin. */
export interface Transport {
  /** The receiver hears of everything, unless the request cannot be written at all. @throws TypeError for such */
  send(request: TransportRequest, receiver: Receiver): void;
  close(): Promise<void> | void;
}

/** When a transport itself gives a connection up: long after the timers that decide. */
export const MAX_CONNECT_MS = 30_000;
