import type { LedgerRow, UnitPrice } from "../schemas/ledger.js";
import type { RequestReceipt, RequestView } from "../schemas/usage-view.js";
import { dollars } from "./money.js";

/** What a request went through, from the rows of its calls in order. */
export function requestReceipt(rows: readonly [LedgerRow, ...LedgerRow[]]): RequestReceipt {
  const { calls: _count, ...summary } = requestView(rows);
  const served = servedOf(rows);
  const strongest = served?.strongest ?? null;
  const costUsd = strongest && dollars(strongest.cost);
  const savedUsd = costUsd === null || summary.costUsd === null ? null : round(costUsd - summary.costUsd);
  return {
    ...summary,
    alwaysStrongest: strongest && costUsd !== null ? { model: strongest.model, costUsd, savedUsd } : null,
    calls: rows.map(callView),
    omitted: rows.flatMap(({ omitted = [] }) => omitted),
  };
}

/** The same in a line. */
export function requestView(rows: readonly [LedgerRow, ...LedgerRow[]]): RequestView {
  const [first] = rows;
  const served = servedOf(rows);
  const answers = rows.filter(({ role }) => role === "answer");
  const ended = served ?? answers.at(-1) ?? first;
  return {
    id: first.requestId,
    at: new Date(first.at).toISOString(),
    key: first.key,
    user: first.user,
    operation: first.operation,
    stream: first.stream,
    tags: first.tags,
    status: ended.status,
    model: served?.model ?? null,
    provider: served?.provider ?? null,
    layers: answers.map(({ layer }) => layer).filter((layer, index, all) => layer !== all[index - 1]),
    calls: rows.length,
    costUsd: sum(rows.map(({ cost }) => cost)),
    estimatedCostUsd: rows.some(({ cost }) => cost === null)
      ? sum(rows.map(({ cost, estimatedCost }) => cost ?? estimatedCost))
      : null,
  };
}

/** The call whose answer the caller got. */
function servedOf(rows: readonly LedgerRow[]): LedgerRow | undefined {
  return rows.findLast(({ role, status }) => role === "answer" && status === "finished");
}

/** Null where one of them is not known. */
function sum(amounts: readonly (number | null)[]): number | null {
  let pico = 0n;
  for (const amount of amounts) {
    if (amount === null) return null;
    pico += BigInt(amount);
  }
  return dollars(pico);
}

function callView(row: LedgerRow): RequestReceipt["calls"][number] {
  const { attempt, at, model, provider, layer, reason, role, status, code, partial, usage, usageSource } = row;
  const { cost, costReported, estimatedCost, price, verdicts, durationMs, ttftMs } = row;
  return {
    attempt,
    at: new Date(at).toISOString(),
    model,
    provider,
    layer,
    reason,
    role,
    status,
    code,
    partial,
    usage,
    usageSource,
    costUsd: cost === null ? null : dollars(cost),
    estimatedCostUsd: estimatedCost === null ? null : dollars(estimatedCost),
    costSource: cost === null ? null : costReported ? "reported" : "price",
    price: price && priceView(price),
    verdicts,
    durationMs,
    ttftMs,
  };
}

const PICO_PER_TOKEN = 1e6; // a dollar per million tokens

function priceView({ input, output, cacheRead, cacheWrite5m, cacheWrite1h, asOf, source }: UnitPrice) {
  return {
    inputPerMTok: input / PICO_PER_TOKEN,
    outputPerMTok: output / PICO_PER_TOKEN,
    cacheReadPerMTok: cacheRead / PICO_PER_TOKEN,
    cacheWritePerMTok: cacheWrite5m / PICO_PER_TOKEN,
    cacheWrite1hPerMTok: cacheWrite1h === null ? null : cacheWrite1h / PICO_PER_TOKEN,
    asOf,
    source,
  };
}

/** Differences of numbers that print well do not always. */
function round(usd: number): number {
  return Math.round(usd * 1e12) / 1e12;
}
