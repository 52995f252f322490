import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  InsertQueryNode,
  type Kysely,
  type QueryResult,
  SelectQueryNode,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import type { Clock } from "../../clock.js";
import type { SqliteDatabase } from "./sqlite-database.js";
import { whileBusy } from "./while-busy.js";

/** Lets the query builder speak SQLite through the driver port. */
export function sqliteDialect(database: SqliteDatabase, clock: Clock): Dialect {
  return {
    createDriver: () => new PortDriver(database, clock),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => new TransactionalSqliteAdapter(),
    createIntrospector: (db: Kysely<unknown>) => new SqliteIntrospector(db),
  };
}

/** Migrations run in one transaction, so that two processes that start together migrate once. */
class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** One connection, handed to one user at a time, in order. */
class PortDriver implements Driver {
  readonly #database: SqliteDatabase;
  readonly #clock: Clock;
  readonly #connection: DatabaseConnection;
  #last: Promise<void> = Promise.resolve();
  #release: () => void = () => {};

  constructor(database: SqliteDatabase, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
    this.#connection = new PortConnection(database, clock);
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#last;
    let release = () => {};
    this.#last = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    this.#release = release;
    return this.#connection;
  }

  async releaseConnection(): Promise<void> {
    this.#release();
  }

  /** Takes the write lock at once: a read that turns into a write later could lose another process's update. */
  async beginTransaction(): Promise<void> {
    await whileBusy(this.#clock, () => this.#database.exec("begin immediate"));
  }

  async commitTransaction(): Promise<void> {
    await whileBusy(this.#clock, () => this.#database.exec("commit"));
  }

  async rollbackTransaction(): Promise<void> {
    if (this.#database.inTransaction()) this.#database.exec("rollback");
  }

  async destroy(): Promise<void> {
    await this.#last;
    this.#database.close();
  }
}

class PortConnection implements DatabaseConnection {
  readonly #database: SqliteDatabase;
  readonly #clock: Clock;

  constructor(database: SqliteDatabase, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const { sql, parameters } = query;
    return whileBusy(this.#clock, () => {
      if (!returnsRows(query)) {
        return { rows: [], numAffectedRows: BigInt(this.#database.run(sql, parameters)) };
      }
      // The builder types rows by the query it built; what is stored is validated where it is read.
      return { rows: this.#database.all(sql, parameters) as Row[] };
    });
  }

  streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new TypeError("streaming queries are not supported");
  }
}

function returnsRows({ query }: CompiledQuery): boolean {
  if (SelectQueryNode.is(query) || query.kind === "RawNode") return true;
  return InsertQueryNode.is(query) && query.returning !== undefined;
}
