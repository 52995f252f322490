import { FAILURES, type GatewayError } from "./errors.js";

/** The reference shape: `error` says what, `details` why. */
export interface ReferenceError {
  readonly error: string;
  readonly details?: string;
}

/** OpenAI's shape, which its client libraries read. */
export interface OpenaiError {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string;
  };
}

/** Renders an error in the reference shape. */
export function referenceError({ code, details }: GatewayError): ReferenceError {
  const { message } = FAILURES[code];
  return details === undefined ? { error: message } : { error: message, details };
}

/** Renders an error as OpenAI's API would. */
export function openaiError({ code, message, param, upstreamCode }: GatewayError): OpenaiError {
  const { openaiType, openaiCode } = FAILURES[code];
  return { error: { message, type: openaiType, param: param ?? null, code: upstreamCode ?? openaiCode } };
}

/** An error inside a stream of OpenAI's dialect: a data frame with a top-level `error`, on which its clients throw. */
export function openaiErrorFrame(error: GatewayError): string {
  const { message, type, code } = openaiError(error).error;
  return `data: ${JSON.stringify({ error: { message, type, code } })}\n\n`;
}
