import { Recent } from "../../recent.js";
import type { AuditRow } from "../../schemas/audit.js";
import type { AuditFilter, AuditStore } from "../../spec/audit-store.js";

/** So many rows are kept; the oldest go first. What must last belongs into a database. */
const MAX_ROWS = 10_000;

/** An audit log that forgets. */
export function memoryAudit(assertOpen: () => void): AuditStore {
  const rows = new Recent<AuditRow>();
  return {
    async append(added) {
      assertOpen();
      for (const row of added) rows.add(row.id, structuredClone(row));
      rows.shrinkTo(MAX_ROWS);
    },
    async list({ before, limit, filter = {} }) {
      assertOpen();
      return rows
        .values()
        .filter((row) => matches(row, filter) && (before === undefined || isOlder(row, before)))
        .sort((one, other) => (isOlder(one, other) ? 1 : -1))
        .slice(0, limit)
        .map((row) => structuredClone(row));
    },
  };
}

type Place = Pick<AuditRow, "at" | "id">;

function isOlder(row: Place, other: Place): boolean {
  return row.at === other.at ? row.id < other.id : row.at < other.at;
}

function matches(row: AuditRow, { actor, ...filter }: AuditFilter): boolean {
  if (actor !== undefined && row.actor.id !== actor) return false;
  return (Object.keys(filter) as (keyof typeof filter)[]) // its own keys, which are fields of the row
    .every((field) => filter[field] === undefined || filter[field] === row[field]);
}
