import { z } from "zod";
import { AuditRow } from "./audit.js";
import { named } from "./registry.js";

const MAX_ROWS = 1_000;
const text = z.string().max(512).optional();

/** The parameters of `GET /v1/audit`. */
export const AuditRequest = z.object({
  limit: z.coerce.number().int().min(1).max(MAX_ROWS).default(100).describe("Rows at most."),
  cursor: z.string().max(512).optional().describe("`nextCursor` of the page before."),
  actor: text.describe("Only what this user, key or caller did, by id."),
  action: text.describe("Only this, such as `key.create`."),
  target: text.describe("Only what was done to this."),
  outcome: AuditRow.shape.outcome.optional().describe("Only what ended so."),
});

/** Which rows of the audit log are asked for. */
export type AuditRequest = z.output<typeof AuditRequest>;

export const AuditPage = named(
  "AuditPage",
  z.object({
    data: z.array(AuditRow),
    nextCursor: z.string().nullable().describe("Where the next page begins; null on the last."),
  }),
);

/** Rows of the audit log, the newest first. */
export type AuditPage = z.infer<typeof AuditPage>;
