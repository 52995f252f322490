import { GatewayError } from "../../errors.js";

/** The answer to a `create` over a live entry. */
export function entryExists(kind: string, id: string): GatewayError {
  return new GatewayError("conflict", { details: `${JSON.stringify(id)} exists already among the ${kind}` });
}
