import type { Clock } from "../../clock.js";
import { directTransport } from "./direct-transport.js";
import { proxiedTransport } from "./proxied-transport.js";
import type { Transport } from "./transport.js";

/** What a transport is made with. */
export interface TransportDeps {
  readonly clock: Clock;
  /** HTTP proxy for upstream calls, or null. */
  readonly outboundProxy: string | null;
}

/** The way to an origin: connections of our own, or a proxy's. */
export function openTransport(origin: URL, { clock, outboundProxy }: TransportDeps): Transport {
  return outboundProxy === null ? directTransport(origin, clock) : proxiedTransport(origin, outboundProxy);
}
