import type { Clock } from "../clock.js";
import { GatewayError } from "../errors.js";
import type { LedgerRow } from "../schemas/ledger.js";
import { addTotals, noTotals, type UsageTotals } from "../schemas/usage-totals.js";
import type { RequestPage, RequestReceipt, RequestsRequest, UsageReport, UsageRequest } from "../schemas/usage-view.js";
import { dayOf } from "../schemas/utc-day.js";
import type { Identity } from "../spec/http.js";
import type { UsageFilter, UsageStore } from "../spec/usage-store.js";
import { dollars } from "./money.js";
import { requestReceipt, requestView } from "./receipt.js";

/** What reports are made from. */
export interface UsageReportsDeps {
  readonly clock: Clock;
  readonly store: UsageStore;
  /** Brings rows that still wait into the store, so that whoever asks sees his own last call. */
  readonly flush: () => Promise<void>;
}

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;

/** Reads the ledger for people: everything for those who may view, his own for everybody else. */
export class UsageReports {
  readonly #deps: UsageReportsDeps;

  constructor(deps: UsageReportsDeps) {
    this.#deps = deps;
  }

  /** @throws GatewayError `not_found`, also for a request of somebody else; `store_unavailable` */
  async request(id: string, reader: Identity | undefined): Promise<RequestReceipt> {
    await this.#deps.flush();
    const rows = await this.#deps.store.request(id);
    if (!isNotEmpty(rows) || !mayRead(rows[0], filterFor(reader, {}))) {
      throw new GatewayError("not_found", { details: `there is no request ${id.slice(0, 64)}` });
    }
    return requestReceipt(rows);
  }

  /** @throws GatewayError `store_unavailable` */
  async requests(query: RequestsRequest, reader: Identity | undefined): Promise<RequestPage> {
    await this.#deps.flush();
    const { limit, before, from, to } = query;
    const found = await this.#deps.store.requests({
      limit,
      before,
      from: from === undefined ? undefined : Date.parse(from),
      to: to === undefined ? undefined : Date.parse(to),
      filter: filterFor(reader, query),
    });
    const data = found.filter(isNotEmpty).map(requestView);
    return { data, nextCursor: found.length === limit ? (found.at(-1)?.[0]?.id ?? null) : null };
  }

  /** @throws GatewayError `invalid_request`, `store_unavailable` */
  async totals(query: UsageRequest, reader: Identity | undefined): Promise<UsageReport> {
    const to = query.to ?? dayOf(this.#deps.clock.now());
    const from = query.from ?? dayOf(Date.parse(to) - (DEFAULT_DAYS - 1) * DAY_MS);
    if (from > to) throw new GatewayError("invalid_request", { param: "from", details: "from: is later than `to`" });
    await this.#deps.flush();
    const { store } = this.#deps;
    const filter = filterFor(reader, query);
    const groupBy = [...new Set(query.groupBy)];
    const groups = await store.totals({ from, to, groupBy, filter });
    // By tag a call may stand in several groups, or in none.
    const all = groupBy.includes("tag") ? await store.totals({ from, to, groupBy: [], filter }) : groups;
    return {
      from,
      to,
      data: groups.map((totals) => ({ group: totals.group, ...sumsView(totals) })),
      total: sumsView(all.reduce<Omit<UsageTotals, "group">>(addTotals, noTotals())),
    };
  }
}

function sumsView(totals: Omit<UsageTotals, "group">): UsageReport["total"] {
  const { requests, calls, failed, unknownCosts, cost, estimatedCost } = totals;
  const { input, cacheRead, cacheWrite5m, cacheWrite1h, output, reasoning } = totals;
  return {
    requests,
    calls,
    failed,
    unknownCosts,
    usage: { input, cacheRead, cacheWrite5m, cacheWrite1h, output, reasoning },
    costUsd: dollars(cost),
    estimatedCostUsd: dollars(estimatedCost),
  };
}

/** A client sees what he pays himself; the application and those who may view choose. */
function filterFor(reader: Identity | undefined, { key, user }: UsageFilter): UsageFilter {
  if (reader?.role !== "client") return { key, user };
  return reader.kind === "key" ? { key: reader.id, user } : { user: reader.id, key };
}

function mayRead(row: LedgerRow, filter: UsageFilter): boolean {
  return (filter.key ?? row.key) === row.key && (filter.user ?? row.user) === row.user;
}

function isNotEmpty<Item>(list: readonly Item[]): list is readonly [Item, ...Item[]] {
  return list.length > 0;
}
