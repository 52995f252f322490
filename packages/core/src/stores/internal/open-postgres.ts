import type * as driver from "pg";
import { requirePeer } from "../../require-peer.js";

/** How long a connection may take to come about, or a query to get one of those there are. */
const CONNECT_MS = 2_000;
/** How long Postgres works on one statement before it gives up. */
export const STATEMENT_MS = 2_000;
/** How much later we give up on a server that does not even say so. */
const SILENCE_MS = 500;
/** How long a process that stopped in the middle of a transaction may keep others waiting. */
const IDLE_TRANSACTION_MS = 5_000;

/** Makes connections to one database; the driver is loaded here and nowhere else. */
export interface PostgresDriver {
  /** A pool for the work of requests: every wait in it ends. */
  pool(): driver.Pool;
  /** A pool of one connection for migrations, which may take their time. */
  migrationPool(): driver.Pool;
  /** A connection of its own, not yet connected. */
  client(): ListeningClient;
}

/** A connection that need not keep the process alive, which the package's own types forget. */
export type ListeningClient = driver.Client & { unref(): void };

/**
 * Loads the driver. Connects to nothing yet.
 * @param connection what `pg` takes: `connectionString`, or host, port, user and so on
 * @throws GatewayError `not_installed`
 */
export function postgresDriver(connection: driver.PoolConfig): PostgresDriver {
  const { Client, Pool } = requirePeer("pg", "Postgres storage") as typeof driver; // the package's own types
  const common = {
    application_name: "sluice",
    keepAlive: true,
    ...connection,
    connectionTimeoutMillis: CONNECT_MS,
  };
  const impatient = {
    ...common,
    statement_timeout: STATEMENT_MS,
    query_timeout: STATEMENT_MS + SILENCE_MS,
    idle_in_transaction_session_timeout: IDLE_TRANSACTION_MS,
  };
  return {
    pool: () => new Pool({ ...impatient, allowExitOnIdle: true }),
    migrationPool: () => new Pool({ ...common, max: 1 }),
    client: () => new Client(impatient) as ListeningClient, // see the type
  };
}
