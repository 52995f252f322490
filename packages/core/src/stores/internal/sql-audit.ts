import type { Insertable } from "kysely";
import { AuditRow } from "../../schemas/audit.js";
import type { AuditFilter, AuditStore } from "../../spec/audit-store.js";
import type { EntryKind } from "../../spec/store.js";
import { decodeEntry } from "./entry-row.js";
import { keyText } from "./key-text.js";
import type { StoreTables } from "./store-tables.js";
import type { WithDatabase } from "./with-database.js";

/** Rows are read with the checks of entries, and named like them where they are damaged. */
const KIND: EntryKind<AuditRow> = { name: "audit", schema: AuditRow, idOf: ({ id }) => id };

/** Far below the number of parameters a statement may have. */
const ROWS_PER_STATEMENT = 500;

/** The audit log in an SQL table, whatever the database. */
export function sqlAudit(withDatabase: WithDatabase): AuditStore {
  return {
    append: (rows) =>
      withDatabase((db) =>
        db.transaction().execute(async (transaction) => {
          for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
            await transaction
              .insertInto("sluice_audit")
              .values(rows.slice(start, start + ROWS_PER_STATEMENT).map(encodeRow))
              .onConflict((conflict) => conflict.column("id").doNothing())
              .execute();
          }
        }),
      ),
    list: ({ before, limit, filter = {} }) =>
      withDatabase(async (db) => {
        let query = db.selectFrom("sluice_audit").select(["id", "row"]).orderBy("at", "desc").orderBy("id", "desc");
        for (const [column, value] of conditions(filter)) query = query.where(column, "=", value);
        if (before) {
          const { at, id } = before;
          // The first condition alone would do for the order; it is what lets the index find the place.
          query = query
            .where("at", "<=", at)
            .where((where) => where.or([where("at", "<", at), where("id", "<", keyText(id))]));
        }
        const rows = await query.limit(limit).execute();
        return rows.flatMap(({ id, row }) => decodeEntry(KIND, id, row) ?? []);
      }),
  };
}

function conditions(filter: AuditFilter): [keyof AuditFilter, string][] {
  return (Object.keys(filter) as (keyof AuditFilter)[]) // its own keys
    .flatMap((column) => (filter[column] === undefined ? [] : [[column, keyText(filter[column])]]));
}

function encodeRow(row: AuditRow): Insertable<StoreTables["sluice_audit"]> {
  return {
    id: row.id,
    at: row.at,
    instance: keyText(row.instance),
    actor: keyText(row.actor.id),
    action: keyText(row.action),
    target: row.target === null ? null : keyText(row.target),
    outcome: row.outcome,
    row: JSON.stringify(row),
  };
}
