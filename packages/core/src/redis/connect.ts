import type * as ioredis from "ioredis";
import { requirePeer } from "../require-peer.js";
import type { RedisConfig } from "../schemas/redis.js";

/** A client of one server, or of a cluster. */
export type RedisClient = ioredis.Redis | ioredis.Cluster;

/** How long a connection may take; a server that is frozen accepts it and then says nothing. */
const CONNECT_MS = 2_000;
/** Often enough that a server which comes back is used within two seconds. */
const MAX_RETRY_MS = 500;
/** A connection on which nothing comes back is dead: what froze may be gone for good. */
const SOCKET_MS = 5_000;

function retryMs(times: number): number {
  return Math.min(MAX_RETRY_MS, 50 * times);
}

/**
 * Makes a client that is not connected yet. Commands fail at once while there is no connection: whoever calls has
 * something better to do than to wait.
 * @throws GatewayError `not_installed`
 */
export function redisClient(config: RedisConfig): RedisClient {
  // The package's own types describe what it exports.
  const { Redis, Cluster } = requirePeer("ioredis", "Redis") as typeof ioredis;
  const common = {
    connectTimeout: CONNECT_MS,
    socketTimeout: SOCKET_MS,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    lazyConnect: true,
    autoResendUnfulfilledCommands: false, // whoever sent them has decided without the answer by then
    retryStrategy: retryMs,
    connectionName: "sluice",
  };
  if (typeof config === "string") return new Redis({ ...common, ...server(config) });
  if ("sentinels" in config) {
    const { sentinels, name, username, password, sentinelPassword } = config;
    return new Redis({
      ...common,
      sentinels: sentinels.map((url) => place(url)),
      name,
      sentinelRetryStrategy: retryMs,
      ...(username ? { username } : {}),
      ...(password ? { password } : {}),
      ...(sentinelPassword ? { sentinelPassword } : {}),
    });
  }
  const { retryStrategy, enableOfflineQueue, lazyConnect, ...perNode } = common;
  const [first = "redis://127.0.0.1"] = config.cluster;
  const { host, port, db, ...credentials } = server(first);
  return new Cluster(config.cluster.map(place), {
    clusterRetryStrategy: retryStrategy,
    enableOfflineQueue,
    lazyConnect,
    slotsRefreshTimeout: CONNECT_MS,
    redisOptions: { ...perNode, ...credentials },
  });
}

/** Connects; in a cluster to every node, since the first command to one would wait for its connection. */
export async function connectTo(client: RedisClient): Promise<void> {
  await client.connect();
  if ("nodes" in client) await Promise.all(client.nodes("master").map((node) => node.ping()));
}

/** Host, port, credentials and database of a `redis://` URL, TLS for `rediss://`. */
function server(text: string) {
  const { protocol, username, password, pathname } = new URL(text);
  const db = Number(pathname.slice(1) || 0);
  return {
    ...place(text),
    db,
    ...(username ? { username: decodeURIComponent(username) } : {}),
    ...(password ? { password: decodeURIComponent(password) } : {}),
    ...(protocol === "rediss:" ? { tls: {} } : {}),
  };
}

function place(text: string): { readonly host: string; readonly port: number } {
  const { hostname, port } = new URL(text);
  return { host: hostname.replace(/^\[|\]$/g, "") || "127.0.0.1", port: Number(port || DEFAULT_PORT) };
}

const DEFAULT_PORT = 6379;
