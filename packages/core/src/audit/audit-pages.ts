import { GatewayError } from "../errors.js";
import type { AuditRow } from "../schemas/audit.js";
import type { AuditPage, AuditRequest } from "../schemas/audit-page.js";
import type { AuditStore } from "../spec/audit-store.js";

type Place = Pick<AuditRow, "at" | "id">;

const CURSOR = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) ([\w-]{1,64})$/;

/** One page of the audit log. @throws GatewayError `invalid_request` for a cursor that is none, `store_unavailable` */
export async function auditPage(store: Pick<AuditStore, "list">, query: AuditRequest): Promise<AuditPage> {
  const { limit, cursor, ...filter } = query;
  const before = cursor === undefined ? undefined : placeOf(cursor);
  // One more than asked for says whether there is a next page.
  const rows = await store.list({ before, limit: limit + 1, filter });
  const data = rows.slice(0, limit);
  const last = data.at(-1);
  return { data, nextCursor: last && rows.length > limit ? cursorOf(last) : null };
}

function cursorOf({ at, id }: Place): string {
  return Buffer.from(`${at} ${id}`).toString("base64url");
}

function placeOf(cursor: string): Place {
  const [, at, id] = CURSOR.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  if (at !== undefined && id !== undefined) return { at, id };
  throw new GatewayError("invalid_request", { param: "cursor", details: "cursor: is not one of ours" });
}
