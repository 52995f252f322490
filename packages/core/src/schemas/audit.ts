import { createHash } from "node:crypto";
import { z } from "zod";
import { named } from "./registry.js";

const Detail = z.union([z.string().max(2_000), z.number(), z.boolean(), z.null()]);

export const AuditRow = named(
  "AuditRow",
  z.object({
    id: z.string().min(1).max(64).describe("Identifier of this row."),
    at: z.iso.datetime({ precision: 3 }).describe("When it happened, in UTC."),
    instance: z.string().min(1).max(64).describe("The instance that wrote the row."),
    actor: z
      .object({
        id: z.string().max(256),
        kind: z.enum(["host", "user", "key", "anonymous", "system"]),
      })
      .describe("Who did it."),
    action: z.string().min(1).max(64).describe("What was done, such as `model.update`."),
    target: z.string().max(512).nullable().describe("What it was done to."),
    outcome: z.enum(["ok", "refused", "failed"]),
    details: z.record(z.string().max(64), Detail).describe("What else is worth knowing. Never a secret."),
    address: z.string().max(64).nullable().describe("The client's address."),
    previous: z.string().max(64).describe("The hash of the row this instance wrote before; empty for its first."),
    hash: z.string().length(64).describe("SHA-256 over the other fields, so that a missing or changed row shows."),
  }),
);

/** One row of the audit log. */
export type AuditRow = z.infer<typeof AuditRow>;

/** A row and its place behind the one its instance wrote before. */
export function chainedAuditRow(fields: Omit<AuditRow, "hash" | "previous">, previous: string): AuditRow {
  return { ...fields, previous, hash: auditHash({ ...fields, previous }) };
}

/**
 * The hash a row must carry: SHA-256, in hex, over the JSON list of its fields. A list, because the order of an
 * object's keys is not the row's.
 */
export function auditHash(row: Omit<AuditRow, "hash">): string {
  const { id, at, instance, actor, action, target, outcome, details, address, previous } = row;
  const sorted = Object.entries(details).sort(([one], [other]) => (one < other ? -1 : 1));
  const fields = [id, at, instance, actor.id, actor.kind, action, target, outcome, sorted, address, previous];
  return createHash("sha256").update(JSON.stringify(fields)).digest("hex");
}
