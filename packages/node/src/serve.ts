import { once } from "node:events";
import type { Server } from "node:http";
import { type AddressInfo, Server as TcpServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Gateway } from "@sluice/core";
import { Arrivals } from "./arrivals.js";
import { createGatewayServer } from "./create-server.js";
import { type ConnectionLimits, limitConnections } from "./limit-connections.js";

/** Where and how to listen. */
export interface ServeOptions {
  /** One address or several. @defaultValue `["127.0.0.1", "::1"]`: this machine only */
  readonly host?: string | readonly string[] | undefined;
  /** 0 takes a free port. @defaultValue 3000 */
  readonly port?: number | undefined;
  readonly drain?: DrainOptions | undefined;
  /** How many connections may be open at once. */
  readonly connections?: ConnectionLimits | undefined;
}

/** How to end without failing anybody. */
export interface DrainOptions {
  /**
   * Milliseconds to go on accepting after `/readyz` turned 503, so that load balancers notice.
   * @defaultValue 2,000
   */
  readonly acceptMs?: number | undefined;
  /**
   * Milliseconds after that for which connections that are open stay so: by then a proxy has found out that no new ones
   * are taken. It is over sooner where none is open.
   * @defaultValue 1,000, and no more than `acceptMs`
   */
  readonly lingerMs?: number | undefined;
  /** Milliseconds that calls in flight get to finish. @defaultValue 25,000 */
  readonly finishMs?: number | undefined;
}

/** A running server. */
export interface Serving {
  /** The first address, such as `http://localhost:3000`. */
  readonly url: string;
  /** Every address it listens on. */
  readonly urls: readonly string[];
  /** Drains, stops listening, ends what still runs and closes the gateway. Safe to call again. */
  close(): Promise<void>;
}

const DEFAULT_HOSTS = ["127.0.0.1", "::1"];
/** What a machine without IPv6 says to `::1`. */
const NO_SUCH_FAMILY = new Set(["EADDRNOTAVAIL", "EAFNOSUPPORT", "EINVAL"]);
const LINGER_MS = 1_000;
/** How long the last frames may take to reach slow clients. */
const FLUSH_MS = 1_000;

/**
 * Opens the gateway and listens.
 * Rejects with Node's own error when an address cannot be had, such as `EADDRINUSE`.
 * @throws GatewayError `store_unavailable`
 */
export async function serve(gateway: Gateway, options: ServeOptions = {}): Promise<Serving> {
  await gateway.ready();
  const hosts = typeof options.host === "string" ? [options.host] : (options.host ?? DEFAULT_HOSTS);
  let draining = false;
  const servers = await listen(hosts, options.port ?? 3000, () => {
    const server = createGatewayServer(gateway, () => draining);
    limitConnections(server, options.connections ?? {});
    return server;
  });
  const { acceptMs = 2_000, lingerMs = Math.min(acceptMs, LINGER_MS), finishMs = 25_000 } = options.drain ?? {};
  const arrivals = new Arrivals(servers);
  let closing: Promise<void> | null = null;

  async function close(): Promise<void> {
    draining = true;
    gateway.drain();
    await sleep(acceptMs);
    await arrivals.pause();
    const closed = Promise.all(servers.map(stopListening));
    await Promise.race([closed, sleep(lingerMs, undefined, { ref: false })]);
    for (const server of servers) server.close(); // ends idle connections too
    await gateway.close({ graceMs: finishMs });
    const timer = setTimeout(() => {
      for (const server of servers) server.closeAllConnections();
    }, FLUSH_MS);
    await closed;
    clearTimeout(timer);
  }

  const urls = [...new Set(servers.map(urlOf))];
  return {
    url: urls[0] ?? "",
    urls,
    close() {
      closing ??= close();
      return closing;
    },
  };
}

/**
 * Refuses new connections and keeps those that are open: a proxy may be sending its next request on one, and would take
 * the end of it for a failure. Node's own `close` of HTTP servers ends them. Resolves when the last one has ended.
 */
function stopListening(server: Server): Promise<unknown> {
  const closed = once(server, "close");
  TcpServer.prototype.close.call(server);
  return closed;
}

/** Listens on every host with one port; a default address the machine does not have is passed over. */
async function listen(hosts: readonly string[], port: number, create: () => Server): Promise<readonly Server[]> {
  const servers: Server[] = [];
  try {
    for (const host of hosts) {
      const server = create();
      const first = servers[0];
      server.listen({ host, port: first ? portOf(first) : port });
      try {
        await once(server, "listening");
        servers.push(server);
      } catch (error) {
        if (!first || !NO_SUCH_FAMILY.has(String((error as NodeJS.ErrnoException).code))) throw error;
      }
    }
  } catch (error) {
    for (const server of servers) server.close();
    throw error;
  }
  return servers;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port; // a TCP server that listens has one
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo; // as above
  if (address === "127.0.0.1" || address === "::1") return `http://localhost:${port}`;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}
