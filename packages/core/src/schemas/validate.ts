import type { z } from "zod";
import { GatewayError } from "../errors.js";
import { describeIssue, formatPath } from "./describe-issue.js";

/**
 * The value as its schema gives it back.
 * @throws GatewayError `invalid_request`, naming the first field at fault in `param` and in one line of `details`
 */
export function validate<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw invalidRequest(result.error);
}

/** The error a caller sees for a value that its schema refused. */
export function invalidRequest(error: z.ZodError): GatewayError {
  const issue = error.issues[0];
  if (issue === undefined) return new GatewayError("invalid_request", { cause: error });
  const { path, problem } = describeIssue(issue);
  const param = formatPath(path);
  return new GatewayError("invalid_request", {
    param: param === "" ? undefined : param,
    details: `${param === "" ? "body" : param}: ${problem}`,
    cause: error,
  });
}
