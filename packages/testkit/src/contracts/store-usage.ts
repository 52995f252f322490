import type { LedgerRow } from "@sluice/core";
import { describe, expect, it } from "vitest";
import type { StoreBench } from "./store-bench.js";

const START = Date.UTC(2026, 0, 31, 23, 59, 58);

/** Rows a second apart, so that the third falls on another day; one request each unless changed. */
function ledgerRows(count: number, changes: (index: number) => Partial<LedgerRow> = () => ({})): LedgerRow[] {
  return Array.from({ length: count }, (_none, index) => ({
    id: `01KG${String(index).padStart(22, "0")}`,
    requestId: `req_${index}`,
    attempt: 1,
    at: START + index * 1_000,
    key: "key-one",
    user: "ann",
    tags: [],
    model: "small",
    provider: "openai",
    layer: "L1" as const,
    operation: "chat" as const,
    stream: false,
    reason: "auto:L1",
    role: "answer" as const,
    status: "finished" as const,
    code: null,
    partial: false,
    usageSource: "reported" as const,
    usage: { input: 10, cacheRead: 1, cacheWrite5m: 2, cacheWrite1h: 3, output: 20, reasoning: 5 },
    price: null,
    cost: 1_000,
    costReported: false,
    estimatedCost: null,
    strongest: { model: "large", cost: 9_000 },
    verdicts: [{ judge: "sanity", outcome: "accept" as const, reason: "“fine”\0" }],
    omitted: [{ step: "escalation" as const, model: null, reason: "share" as const }],
    durationMs: 12.5,
    ttftMs: null,
    ...changes(index),
  }));
}

const ALL = { from: "2026-01-01", to: "2026-12-31" };

/** The ledger. */
export function describeUsage(at: StoreBench): void {
  describe("usage", () => {
    it("gives back the rows of a request in order, and none of a request there is not", async () => {
      const rows = ledgerRows(3, (index) => ({ requestId: "req_x", attempt: 3 - index }));
      await at.store.usage.append(rows);
      expect(await at.store.usage.request("req_x")).toEqual([...rows].reverse());
      expect(await at.store.usage.request("req_y")).toEqual([]);
    });

    it("lists requests with all their rows, newest first, page by page", async () => {
      const rows = ledgerRows(7, (index) => (index === 3 ? { requestId: "req_2", attempt: 2 } : {}));
      await at.store.usage.append(rows);
      const pages = [await at.store.usage.requests({ limit: 4 })];
      for (let last = pages[0]?.at(-1); last; last = pages.at(-1)?.at(-1)) {
        pages.push(await at.store.usage.requests({ limit: 4, before: last[0]?.id }));
      }
      expect(pages.map(({ length }) => length)).toEqual([4, 2, 0]);
      const ids = pages.flat().map((group) => group.map(({ id }) => Number(id.slice(-2))));
      expect(ids).toEqual([[6], [5], [4], [2, 3], [1], [0]]);
    });

    it("narrows the list and the sums by key and by user", async () => {
      await at.store.usage.append(
        ledgerRows(4, (index) => ({ key: index % 2 ? "b" : null, user: index > 1 ? "it's" : null })),
      );
      const found = async (filter: { key?: string; user?: string }) =>
        (await at.store.usage.requests({ limit: 9, filter })).map(([row]) => row?.requestId);
      expect(await found({ key: "b" })).toEqual(["req_3", "req_1"]);
      expect(await found({ user: "it's" })).toEqual(["req_3", "req_2"]);
      expect(await found({ key: "b", user: "it's" })).toEqual(["req_3"]);
      const [sum] = await at.store.usage.totals({ ...ALL, groupBy: [], filter: { user: "it's" } });
      expect(sum?.calls).toBe(2);
    });

    it("counts a row once, however often it comes", async () => {
      const rows = ledgerRows(3);
      await at.store.usage.append(rows.slice(0, 2));
      await at.store.usage.append([...rows, ...rows]);
      await at.store.usage.append(ledgerRows(1, () => ({ cost: 7 })));
      await at.store.usage.append([]);
      expect(await at.store.usage.totals({ ...ALL, groupBy: [] })).toEqual([
        {
          group: {},
          requests: 3,
          calls: 3,
          failed: 0,
          unknownCosts: 0,
          input: 30,
          cacheRead: 3,
          cacheWrite5m: 6,
          cacheWrite1h: 9,
          output: 60,
          reasoning: 15,
          cost: 3_000n,
          estimatedCost: 0n,
        },
      ]);
      expect((await at.store.usage.request("req_0"))[0]?.cost).toBe(1_000);
    });

    it("sums by day and model, in order, within the days asked for", async () => {
      await at.store.usage.append(ledgerRows(4, (index) => ({ model: index === 3 ? "large" : "small" })));
      const sums = async (from: string, to: string) =>
        (await at.store.usage.totals({ from, to, groupBy: ["day", "model"] })).map(({ group, calls }) => ({
          ...group,
          calls,
        }));
      expect(await sums("2026-01-01", "2026-12-31")).toEqual([
        { day: "2026-01-31", model: "small", calls: 2 },
        { day: "2026-02-01", model: "large", calls: 1 },
        { day: "2026-02-01", model: "small", calls: 1 },
      ]);
      expect(await sums("2026-02-01", "2026-02-01")).toHaveLength(2);
      expect(await sums("2026-03-01", "2026-03-01")).toEqual([]);
    });

    it("sums by tag: a call counts for each of its tags, and once without them", async () => {
      await at.store.usage.append(
        ledgerRows(3, (index) => ({ tags: [["a", "b"], ["b", "b"], []][index] ?? [], key: null, user: null })),
      );
      const byTag = await at.store.usage.totals({ ...ALL, groupBy: ["tag"] });
      expect(byTag.map(({ group, calls }) => [group.tag, calls])).toEqual([
        ["a", 1],
        ["b", 2],
      ]);
      const byKey = await at.store.usage.totals({ ...ALL, groupBy: ["key"] });
      expect(byKey.map(({ group, calls }) => [group.key, calls])).toEqual([["", 3]]);
    });

    it("tells unknown costs, estimates, failures and retries apart from what is known", async () => {
      await at.store.usage.append(
        ledgerRows(4, (index) => ({
          attempt: index === 1 ? 2 : 1,
          status: index === 2 ? "failed" : "finished",
          cost: index === 3 ? null : 2 ** 52,
          estimatedCost: index === 3 ? 5 : null,
        })),
      );
      const [sum] = await at.store.usage.totals({ ...ALL, groupBy: [] });
      expect(sum).toMatchObject({
        calls: 4,
        requests: 3,
        failed: 1,
        unknownCosts: 1,
        cost: 3n * 2n ** 52n,
        estimatedCost: 5n,
      });
    });

    it("has no sums where there is no row", async () => {
      expect(await at.store.usage.totals({ ...ALL, groupBy: [] })).toEqual([]);
      expect(await at.store.usage.totals({ ...ALL, groupBy: ["day", "tag"] })).toEqual([]);
    });
  });
}
