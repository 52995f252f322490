import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from "kysely";
import type { Pool, PoolClient } from "pg";

/**
 * The pool as the query builder takes it. A connection that failed is thrown away: what the server still has to say
 * on it would be taken for the answer to the next query.
 */
export function postgresPool(pool: Pool): PostgresPool {
  return {
    connect: async () => lease(await pool.connect()),
    end: () => pool.end(),
  };
}

function lease(client: PoolClient): PostgresPoolClient {
  let broken: Error | undefined;
  // It may end between two queries. Nobody else listens while it is out of the pool, and that would end the process.
  const onError = (error: Error) => {
    broken = error;
  };
  client.on("error", onError);

  async function query(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<unknown>> {
    if (broken) throw broken; // the rollback after a failure need not wait for the same silence
    try {
      const { command, rowCount, rows } = await client.query(sql, [...parameters]);
      // The builder knows these commands alone, and a count for each of them.
      return { command: command as "SELECT", rowCount: rowCount ?? 0, rows };
    } catch (error) {
      if (error instanceof Error && endsConnection(error)) broken = error;
      throw error;
    }
  }

  return {
    query: query as PostgresPoolClient["query"], // cursors, its other form, are for streams, which stores do not use
    release() {
      client.removeListener("error", onError);
      client.release(broken);
    },
  };
}

/** What Postgres itself answers has a severity; only the worst ends the connection, and so does every other failure. */
function endsConnection(error: Error): boolean {
  return !("severity" in error) || error.severity === "FATAL" || error.severity === "PANIC";
}
