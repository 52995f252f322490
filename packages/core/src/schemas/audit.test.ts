import { describe, expect, it } from "vitest";
import { AuditRow, auditHash, chainedAuditRow } from "./audit.js";

const fields = {
  id: "aud_1",
  at: "2025-12-05T06:00:00.000Z",
  instance: "one",
  actor: { id: "admin", kind: "user" as const },
  action: "key.create",
  target: "key_1",
  outcome: "ok" as const,
  details: { b: 1, a: "x" },
  address: null,
};

describe("the chain of audit rows", () => {
  const first = chainedAuditRow(fields, "");
  const second = chainedAuditRow({ ...fields, id: "aud_2" }, first.hash);

  it("makes rows of the schema, each behind the one before", () => {
    for (const row of [first, second]) expect(AuditRow.parse(row)).toEqual(row);
    expect(second.previous).toBe(first.hash);
  });

  it("has one hash for one row, in whatever order its keys are", () => {
    const turned = { ...second, details: { a: "x", b: 1 }, actor: { kind: "user" as const, id: "admin" } };
    expect(auditHash(turned)).toBe(second.hash);
  });

  it.each<[string, Partial<AuditRow>]>([
    ["id", { id: "aud_3" }],
    ["at", { at: "2025-12-05T06:00:00.001Z" }],
    ["instance", { instance: "two" }],
    ["actor", { actor: { id: "other", kind: "user" } }],
    ["actor's kind", { actor: { id: "admin", kind: "key" } }],
    ["action", { action: "key.delete" }],
    ["target", { target: null }],
    ["outcome", { outcome: "failed" }],
    ["details", { details: { b: 1, a: "y" } }],
    ["address", { address: "127.0.0.1" }],
    ["predecessor", { previous: "" }],
  ])("shows that the %s was changed", (_name, change) => {
    expect(auditHash({ ...second, ...change })).not.toBe(second.hash);
  });
});
