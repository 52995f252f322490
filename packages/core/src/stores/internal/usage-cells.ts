import type { Insertable } from "kysely";
import type { LedgerRow } from "../../schemas/ledger.js";
import { addTotals, cellOf, rowTotals } from "../../schemas/usage-totals.js";
import { keyText } from "./key-text.js";
import type { StoreTables } from "./store-tables.js";

type Cell = Insertable<StoreTables["sluice_usage_daily"]>;

/** What rows add to the table of sums, a cell each, in one order for all writers: two that meet then wait for each other, and never in a circle. */
export function usageCells(rows: readonly LedgerRow[]): readonly Cell[] {
  const cells = new Map<string, Cell>();
  for (const row of rows) {
    const { key, user, ...rest } = cellOf(row);
    const totals = rowTotals(row);
    for (const tag of ["", ...new Set(row.tags)]) {
      const of = { ...rest, key_id: keyText(key), user_id: keyText(user), tag: keyText(tag) };
      const name = JSON.stringify(Object.values(of));
      const cell = cells.get(name);
      cells.set(
        name,
        cell ? { ...cell, ...addTotals(cell as typeof of & typeof totals, totals) } : { ...of, ...totals },
      );
    }
  }
  return [...cells].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, cell]) => cell);
}
