import { Recent } from "../../recent.js";
import type { LedgerRow } from "../../schemas/ledger.js";
import {
  addRow,
  addTotals,
  cellOf,
  noTotals,
  type RunningTotals,
  type UsageCell,
  type UsageGroup,
  type UsageTotals,
} from "../../schemas/usage-totals.js";
import { dayOf } from "../../schemas/utc-day.js";
import type { UsageFilter, UsageStore } from "../../spec/usage-store.js";

/** So many rows are kept, and so many cells of the table of sums; the oldest rows go first, and the cells that have got none for longest. */
const MAX_ROWS = 10_000;
const MAX_CELLS = 50_000;

interface Cell {
  readonly of: UsageCell;
  /** Empty text for the sum over all rows of the cell, whatever their tags. */
  readonly tag: string;
  readonly totals: RunningTotals;
}

/** A ledger that forgets. Rows are kept as they come, since nobody changes one; what is read are copies. */
export function memoryUsage(assertOpen: () => void): UsageStore {
  const rows = new Recent<LedgerRow>();
  const cells = new Recent<Cell>();

  function cellFor(row: LedgerRow, tag: string): Cell {
    const key = cellKey(row, tag);
    const known = cells.get(key);
    if (known) return known;
    const cell = { of: cellOf(row), tag, totals: noTotals() };
    cells.set(key, cell);
    return cell;
  }

  return {
    async append(added) {
      assertOpen();
      let cell: Cell | null = null; // the next row's too, as a rule
      for (const row of added) {
        if (!rows.add(row.id, row)) continue;
        if (!cell || !isIn(row, cell.of)) cell = cellFor(row, "");
        addRow(cell.totals, row);
        if (row.tags.length > 0) for (const tag of new Set(row.tags)) addRow(cellFor(row, tag).totals, row);
      }
      rows.shrinkTo(MAX_ROWS);
      cells.shrinkTo(MAX_CELLS);
    },
    async requests({ before, from = 0, to = Number.POSITIVE_INFINITY, limit, filter = {} }) {
      assertOpen();
      const first = rows
        .values()
        .filter((row) => row.attempt === 1 && row.at >= from && row.at < to && isOf(row, filter))
        .filter(({ id }) => before === undefined || id < before)
        .sort((one, other) => (one.id < other.id ? 1 : -1))
        .slice(0, limit);
      return first.map(({ requestId }) => rowsOf(rows, requestId));
    },
    async request(requestId) {
      assertOpen();
      return rowsOf(rows, requestId);
    },
    async totals({ from, to, groupBy, filter = {} }) {
      assertOpen();
      const byTag = groupBy.includes("tag");
      const wanted = cells
        .values()
        .filter(({ of, tag }) => of.day >= from && of.day <= to && (tag !== "") === byTag && isOf(of, filter));
      return summed(wanted, groupBy);
    },
  };
}

/** Whether a row is of a cell. */
function isIn({ at, key, user, model, provider, layer, operation }: LedgerRow, cell: UsageCell): boolean {
  return (
    cell.model === model &&
    cell.key === (key ?? "") &&
    cell.user === (user ?? "") &&
    cell.provider === provider &&
    cell.layer === layer &&
    cell.operation === operation &&
    cell.day === dayOf(at)
  );
}

/** No name holds the character between them. */
function cellKey({ at, key, user, model, provider, layer, operation }: LedgerRow, tag: string): string {
  return `${dayOf(at)}\0${key ?? ""}\0${user ?? ""}\0${model}\0${provider}\0${layer}\0${operation}\0${tag}`;
}

function summed(cells: readonly Cell[], groupBy: readonly UsageGroup[]): UsageTotals[] {
  const sums = new Map<string, UsageTotals>();
  for (const { of, tag, totals } of cells) {
    const group = Object.fromEntries(groupBy.map((name) => [name, name === "tag" ? tag : of[name]]));
    const key = JSON.stringify(Object.values(group));
    const sum = sums.get(key);
    sums.set(key, sum ? addTotals(sum, totals) : { group, ...totals });
  }
  return [...sums].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, sum]) => sum);
}

function rowsOf(rows: Recent<LedgerRow>, requestId: string): LedgerRow[] {
  return rows
    .values()
    .filter((row) => row.requestId === requestId)
    .sort((one, other) => one.attempt - other.attempt)
    .map((row) => structuredClone(row));
}

function isOf(holder: { readonly key: string | null; readonly user: string | null }, filter: UsageFilter): boolean {
  return (
    (filter.key === undefined || holder.key === filter.key) &&
    (filter.user === undefined || holder.user === filter.user)
  );
}
