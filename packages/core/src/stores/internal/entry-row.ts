import { GatewayError } from "../../errors.js";
import { invalidRequest } from "../../schemas/validate.js";
import type { EntryKind } from "../../spec/store.js";

/** An entry as text that any database keeps exactly: JSON escapes what text columns cannot hold. */
export function encodeEntry(entry: object | null): string | null {
  return entry === null ? null : JSON.stringify(entry);
}

/**
 * The entry of one row, checked, because a file may have been edited or damaged.
 * @throws GatewayError `store_unavailable`, naming the row
 */
export function decodeEntry<Entry extends object>(
  kind: EntryKind<Entry>,
  id: string,
  text: string | null,
): Entry | null {
  if (text === null) return null;
  const result = kind.schema.safeParse(parse(text));
  const row = `the entry ${JSON.stringify(id)} of the stored ${kind.name}`;
  if (!result.success) throw damaged(row, invalidRequest(result.error).details, result.error);
  if (kind.idOf && kind.idOf(result.data) !== id) throw damaged(row, "id: belongs to another row", undefined);
  return result.data;
}

function parse(text: unknown): unknown {
  if (typeof text !== "string") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema refuses it and names what it wanted instead
  }
}

function damaged(row: string, problem: string | undefined, cause: unknown): GatewayError {
  return new GatewayError("store_unavailable", { details: `${row} is damaged (${problem ?? "unreadable"})`, cause });
}
