import { GatewayError } from "../../errors.js";
import { type Model, StoredModel } from "../../schemas/model.js";
import { invalidRequest } from "../../schemas/validate.js";

/** A model as text that any database keeps exactly: JSON escapes what text columns cannot hold. */
export function encodeModel(model: Model): string {
  return JSON.stringify(model);
}

/**
 * The entry of one row, checked, because a file may have been edited or damaged.
 * @throws GatewayError `store_unavailable`, naming the row
 */
export function decodeModel(id: string, text: string | null): Model | null {
  if (text === null) return null;
  const result = StoredModel.safeParse(parse(text));
  if (!result.success) throw damaged(id, invalidRequest(result.error).details, result.error);
  if (result.data.id !== id) throw damaged(id, "id: belongs to another row", undefined);
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

function damaged(id: string, problem: string | undefined, cause: unknown): GatewayError {
  return new GatewayError("store_unavailable", {
    details: `the stored model ${JSON.stringify(id)} is damaged (${problem ?? "unreadable"})`,
    cause,
  });
}
