import { type AuditRow, chainedAuditRow } from "@sluice/core";
import { describe, expect, it } from "vitest";
import type { StoreBench } from "./store-bench.js";

/** Rows a second apart, each behind the one before. */
function auditRows(count: number, changes: (index: number) => Partial<AuditRow> = () => ({})): AuditRow[] {
  const rows: AuditRow[] = [];
  for (let index = 0; index < count; index++) {
    const fields = {
      id: `aud_${String(index).padStart(4, "0")}`,
      at: new Date(1_764_914_400_000 + index * 1_000).toISOString(),
      instance: "one",
      actor: { id: "admin", kind: "user" as const },
      action: "model.update",
      target: "openai-sample",
      outcome: "ok" as const,
      details: { priority: index, enabled: true, note: null },
      address: "127.0.0.1",
      ...changes(index),
    };
    rows.push(chainedAuditRow(fields, rows.at(-1)?.hash ?? ""));
  }
  return rows;
}

/** The audit log. */
export function describeAudit(at: StoreBench): void {
  describe("audit", () => {
    it("lists what was appended, newest first, page by page", async () => {
      const rows = auditRows(7);
      await at.store.audit.append(rows.slice(0, 3));
      await at.store.audit.append(rows.slice(3));
      await at.store.audit.append([]);
      const newestFirst = [...rows].reverse();
      expect(await at.store.audit.list({ limit: 100 })).toEqual(newestFirst);
      const pages = [await at.store.audit.list({ limit: 3 })];
      for (let last = pages[0]?.at(-1); last; last = pages.at(-1)?.at(-1)) {
        pages.push(await at.store.audit.list({ limit: 3, before: last }));
      }
      expect(pages.map(({ length }) => length)).toEqual([3, 3, 1, 0]);
      expect(pages.flat()).toEqual(newestFirst);
    });

    it("orders rows of one moment by id, also over a page's end", async () => {
      const rows = auditRows(5, () => ({ at: "2025-12-05T06:00:00.000Z" }));
      await at.store.audit.append([...rows].reverse());
      const first = await at.store.audit.list({ limit: 2 });
      const second = await at.store.audit.list({ limit: 9, before: first[1] });
      expect([...first, ...second]).toEqual([...rows].reverse());
    });

    it("takes a batch again without a second row, and keeps the row it has", async () => {
      const rows = auditRows(3);
      await at.store.audit.append(rows.slice(0, 2));
      await at.store.audit.append([...rows, ...rows]);
      await at.store.audit.append(auditRows(1, () => ({ action: "forged" })));
      expect(await at.store.audit.list({ limit: 100 })).toEqual([...rows].reverse());
    });

    it.each<[string, Parameters<StoreBench["store"]["audit"]["list"]>[0]["filter"], number[]]>([
      ["instance", { instance: "two" }, [3, 1]],
      ["actor", { actor: "key_1" }, [2]],
      ["action", { action: "login" }, [3, 2]],
      ["target", { target: "a\0b" }, [1]],
      ["outcome", { outcome: "refused" }, [3]],
      ["several at once", { action: "login", instance: "one" }, [2]],
      ["undefined alone", { action: undefined }, [3, 2, 1, 0]],
      ["what nobody did", { action: "model.%" }, []],
    ])("filters by %s", async (_name, filter, expected) => {
      const rows = auditRows(4, (index) => ({
        instance: index % 2 ? "two" : "one",
        actor: index === 2 ? { id: "key_1", kind: "key" } : { id: "admin", kind: "user" },
        action: index > 1 ? "login" : "model.update",
        target: index === 1 ? "a\0b" : null,
        outcome: index === 3 ? "refused" : "ok",
      }));
      await at.store.audit.append(rows);
      const found = await at.store.audit.list({ limit: 100, filter });
      expect(found.map((row) => rows.findIndex(({ id }) => id === row.id))).toEqual(expected);
    });

    it("keeps every text exactly, whatever a stranger sent", async () => {
      const odd = "'; DROP TABLE sluice_audit; --\0\ud83d\u2028🦙";
      const rows = auditRows(1, () => ({ target: odd, actor: { id: odd, kind: "host" }, details: { [odd]: odd } }));
      await at.store.audit.append(rows);
      expect(await at.store.audit.list({ limit: 1, filter: { actor: odd, target: odd } })).toEqual(rows);
    });

    it("keeps each of 1,200 rows that come from many sides at once", async () => {
      const rows = auditRows(1_200);
      const batches = Array.from({ length: 4 }, (_, index) => rows.slice(index * 200, index * 200 + 600));
      await Promise.all(batches.map((batch) => at.store.audit.append(batch)));
      expect(await at.store.audit.list({ limit: 2_000 })).toEqual([...rows].reverse());
    });

    it("says that it is not open after close", async () => {
      await at.store.close();
      await expect(at.store.audit.append(auditRows(1))).rejects.toMatchObject({ code: "store_unavailable" });
      await expect(at.store.audit.list({ limit: 1 })).rejects.toMatchObject({ code: "store_unavailable" });
    });
  });
}
