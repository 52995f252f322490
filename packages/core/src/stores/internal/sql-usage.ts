import { type Kysely, sql, type Transaction } from "kysely";
import { LedgerRow } from "../../schemas/ledger.js";
import { firstIdAt } from "../../schemas/row-id.js";
import { USAGE_COUNTERS, USAGE_SUMS, type UsageGroup, type UsageTotals } from "../../schemas/usage-totals.js";
import type { EntryKind } from "../../spec/store.js";
import type { RequestsQuery, TotalsQuery, UsageStore } from "../../spec/usage-store.js";
import { decodeEntry } from "./entry-row.js";
import { keyText } from "./key-text.js";
import type { StoreTables } from "./store-tables.js";
import { usageCells } from "./usage-cells.js";
import type { WithDatabase } from "./with-database.js";

/** Rows are read with the checks of entries, and named like them where they are damaged. */
const KIND: EntryKind<LedgerRow> = { name: "usage", schema: LedgerRow, idOf: ({ id }) => id };

/** Far below the number of parameters a statement may have. */
const ROWS_PER_STATEMENT = 250;

const COLUMNS = {
  day: "day",
  key: "key_id",
  user: "user_id",
  model: "model",
  provider: "provider",
  layer: "layer",
  operation: "operation",
  tag: "tag",
} as const satisfies Record<UsageGroup, keyof StoreTables["sluice_usage_daily"]>;

const SUMMED = [...USAGE_COUNTERS, ...USAGE_SUMS];

/** The ledger in SQL tables, whatever the database. */
export function sqlUsage(withDatabase: WithDatabase): UsageStore {
  return {
    append: (rows) =>
      withDatabase((db) =>
        db.transaction().execute(async (transaction) => {
          for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
            await appendSome(transaction, rows.slice(start, start + ROWS_PER_STATEMENT));
          }
        }),
      ),
    requests: (query) => withDatabase((db) => requests(db, query)),
    request: (requestId) => withDatabase(async (db) => (await rowsOf(db, [requestId])).get(requestId) ?? []),
    totals: (query) => withDatabase((db) => totals(db, query)),
  };
}

/** Rows that are there already are left alone and not counted again. */
async function appendSome(transaction: Transaction<StoreTables>, rows: readonly LedgerRow[]): Promise<void> {
  const added = await transaction
    .insertInto("sluice_usage")
    .values(
      rows.map((row) => ({
        id: row.id,
        request_id: row.requestId,
        attempt: row.attempt,
        key_id: row.key === null ? null : keyText(row.key),
        user_id: row.user === null ? null : keyText(row.user),
        row: JSON.stringify(row),
      })),
    )
    .onConflict((conflict) => conflict.column("id").doNothing())
    .returning("id")
    .execute();
  const ids = new Set(added.map(({ id }) => id));
  for (const cell of usageCells(rows.filter(({ id }) => ids.delete(id)))) {
    await transaction
      .insertInto("sluice_usage_daily")
      .values(cell)
      .onConflict((conflict) =>
        conflict
          .columns(Object.values(COLUMNS))
          .doUpdateSet((at) =>
            Object.fromEntries(
              SUMMED.map((name) => [name, at(`sluice_usage_daily.${name}`, "+", at.ref(`excluded.${name}`))]),
            ),
          ),
      )
      .execute();
  }
}

async function requests(
  db: Kysely<StoreTables>,
  { before, from, to, limit, filter = {} }: RequestsQuery,
): Promise<readonly (readonly LedgerRow[])[]> {
  let query = db.selectFrom("sluice_usage").select("request_id").where("attempt", "=", 1);
  if (filter.key !== undefined) query = query.where("key_id", "=", keyText(filter.key));
  if (filter.user !== undefined) query = query.where("user_id", "=", keyText(filter.user));
  if (before !== undefined) query = query.where("id", "<", keyText(before));
  if (from !== undefined) query = query.where("id", ">=", firstIdAt(from));
  if (to !== undefined) query = query.where("id", "<", firstIdAt(to));
  const found = await query.orderBy("id", "desc").limit(limit).execute();
  const byRequest = await rowsOf(
    db,
    found.map(({ request_id }) => request_id),
  );
  return found.flatMap(({ request_id }) => [byRequest.get(request_id) ?? []]);
}

/** The rows of each request, in order. */
async function rowsOf(db: Kysely<StoreTables>, requestIds: readonly string[]): Promise<Map<string, LedgerRow[]>> {
  const byRequest = new Map<string, LedgerRow[]>();
  if (requestIds.length === 0) return byRequest;
  const rows = await db
    .selectFrom("sluice_usage")
    .select(["id", "row"])
    .where("request_id", "in", requestIds.map(keyText))
    .orderBy("attempt")
    .execute();
  for (const { id, row } of rows) {
    const decoded = decodeEntry(KIND, id, row);
    if (!decoded) continue;
    const siblings = byRequest.get(decoded.requestId);
    if (siblings) siblings.push(decoded);
    else byRequest.set(decoded.requestId, [decoded]);
  }
  return byRequest;
}

async function totals(
  db: Kysely<StoreTables>,
  { from, to, groupBy, filter = {} }: TotalsQuery,
): Promise<UsageTotals[]> {
  const columns = groupBy.map((name) => COLUMNS[name]);
  let query = db
    .selectFrom("sluice_usage_daily")
    .select(columns)
    .select(SUMMED.map((name) => sql<number | string | bigint | null>`sum(${sql.ref(name)})`.as(name)))
    .where("day", ">=", from)
    .where("day", "<=", to)
    .where("tag", groupBy.includes("tag") ? "<>" : "=", "");
  if (filter.key !== undefined) query = query.where("key_id", "=", keyText(filter.key));
  if (filter.user !== undefined) query = query.where("user_id", "=", keyText(filter.user));
  for (const column of columns) query = query.groupBy(column).orderBy(column);
  const rows: readonly Readonly<Record<string, unknown>>[] = await query.execute();
  return rows.filter(({ calls }) => calls !== null).map((row) => totalsOf(row, groupBy));
}

function totalsOf(row: Readonly<Record<string, unknown>>, groupBy: readonly UsageGroup[]): UsageTotals {
  const group = Object.fromEntries(groupBy.map((name) => [name, String(row[COLUMNS[name]])]));
  const counters = USAGE_COUNTERS.map((name) => [name, Number(row[name])]);
  const sums = USAGE_SUMS.map((name) => [name, BigInt(String(row[name]))]);
  return { group, ...Object.fromEntries([...counters, ...sums]) };
}
