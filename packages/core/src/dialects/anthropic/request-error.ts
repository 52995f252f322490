import { GatewayError } from "../../errors.js";

/** A request that has no form in the Messages API. */
export function cannot(param: string, problem: string): GatewayError {
  return new GatewayError("invalid_request", { param, details: `${param}: ${problem}` });
}
