import { Kysely, PostgresDialect, sql } from "kysely";
import type { Pool } from "pg";
import { type Clock, systemClock } from "../clock.js";
import { GatewayError } from "../errors.js";
import { type Logger, silentLogger } from "../spec/logger.js";
import type { Store } from "../spec/store.js";
import { migrate } from "./internal/migrate.js";
import { type PostgresDriver, postgresDriver } from "./internal/open-postgres.js";
import { postgresFailure } from "./internal/postgres-failure.js";
import { CHANNEL, noticeOf, PostgresFollower } from "./internal/postgres-follower.js";
import { postgresPool } from "./internal/postgres-pool.js";
import { sqlAudit } from "./internal/sql-audit.js";
import { sqlEntries } from "./internal/sql-entries.js";
import { sqlUsage } from "./internal/sql-usage.js";
import type { StoreTables } from "./internal/store-tables.js";
import type { WithDatabase } from "./internal/with-database.js";

/** A Postgres in parts, for what a URL cannot say; handed to the driver `pg` as it is. */
export interface PostgresPoolOptions {
  readonly host?: string;
  readonly port?: number;
  readonly database?: string;
  readonly user?: string;
  /** The password, or how to get it each time: tokens of cloud databases expire. */
  readonly password?: string | (() => string | Promise<string>);
  /** TLS: `true`, or Node's options for it, such as `ca`. */
  readonly ssl?: boolean | { readonly ca?: string; readonly cert?: string; readonly key?: string };
  /** Connections at once, besides one that listens for changes. @defaultValue 10 */
  readonly max?: number;
}

/** Options of {@link postgresStore}; `url`, `pool` or both. */
export interface PostgresStoreOptions {
  /** `postgres://user:password@host:port/database`, with parameters such as `sslmode` as `pg` reads them. */
  readonly url?: string | undefined;
  readonly pool?: PostgresPoolOptions | undefined;
  /** @defaultValue the real clock */
  readonly clock?: Clock | undefined;
  /** Where to tell of outages. @defaultValue nowhere */
  readonly logger?: Logger | undefined;
}

/**
 * A store in a Postgres database that any number of instances share: each sees the others' changes at once.
 * Needs the package `pg`, which is loaded by `open()`. Every wait for the database ends within seconds; a database
 * that is gone is `store_unavailable`, and is found again without a restart.
 *
 * @example
 * ```ts
 * const gateway = new Gateway({ store: postgresStore({ url: "postgres://sluice@db.internal/sluice" }) });
 * ```
 */
export function postgresStore(options: PostgresStoreOptions): Store {
  const { clock = systemClock(), logger = silentLogger } = options;
  const { connection, place } = connectionOf(options);
  let driver: PostgresDriver | undefined;
  let opening: Promise<Kysely<StoreTables>> | undefined;

  async function open(): Promise<PostgresDriver> {
    driver ??= postgresDriver(connection);
    opening ??= openDatabase(driver, logger).catch((cause: unknown) => {
      opening = undefined; // a later call tries again
      throw postgresFailure(`Postgres at ${place}`, cause);
    });
    await opening;
    return driver;
  }

  const withDatabase: WithDatabase = async (work) => {
    if (opening === undefined) throw new GatewayError("store_unavailable", { details: "the store is not open" });
    const db = await opening;
    try {
      return await work(db);
    } catch (cause) {
      throw postgresFailure("Postgres", cause);
    }
  };

  const follower = new PostgresFollower({
    newClient: async () => (await open()).client(),
    clock,
    logger,
  });

  return {
    name: "postgres",
    entries: sqlEntries(withDatabase, async (transaction, kind, revision) => {
      await sql`select pg_notify(${CHANNEL}, ${noticeOf(kind, revision)})`.execute(transaction);
    }),
    audit: sqlAudit(withDatabase),
    usage: sqlUsage(withDatabase),
    subscribe: (onChange) => follower.follow(onChange),
    async open() {
      await open();
    },
    async ping() {
      await withDatabase((db) => sql`select 1`.execute(db));
    },
    async close() {
      await follower.close();
      const closing = opening;
      opening = undefined;
      await (await closing?.catch(() => undefined))?.destroy();
    },
  };
}

/** Checked here, so that the driver never sees, and never quotes, a URL it cannot read. */
function connectionOf({ url, pool }: PostgresStoreOptions) {
  if (url === undefined && pool === undefined) throw new TypeError("postgresStore: `url` or `pool` must be given");
  if (url !== undefined && !(URL.canParse(url) && /^postgres(?:ql)?:$/.test(new URL(url).protocol))) {
    throw new TypeError("postgresStore: `url` must be a postgres:// URL");
  }
  const parsed = url === undefined ? undefined : new URL(url);
  return {
    connection: { ...(url === undefined ? {} : { connectionString: url }), ...pool },
    place: pool?.host ?? (parsed?.host || "its socket"),
  };
}

async function openDatabase(driver: PostgresDriver, logger: Logger): Promise<Kysely<StoreTables>> {
  const migrating = databaseOn(driver.migrationPool(), logger);
  try {
    const { rows } = await sql<{ schema: string }>`select current_schema() as schema`.execute(migrating);
    await migrate(migrating, { schema: rows[0]?.schema });
  } finally {
    await migrating.destroy();
  }
  return databaseOn(driver.pool(), logger);
}

function databaseOn(pool: Pool, logger: Logger): Kysely<StoreTables> {
  // An idle connection that breaks is replaced at the next query; without a listener it would end the process.
  pool.on("error", (error) => logger.debug({ err: error }, "an idle connection to Postgres broke"));
  return new Kysely<StoreTables>({ dialect: new PostgresDialect({ pool: postgresPool(pool) }) });
}
