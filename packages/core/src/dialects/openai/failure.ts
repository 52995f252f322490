import { z } from "zod";
import { failureCode } from "../failure-code.js";
import { UpstreamFailure } from "../upstream-failure.js";
import { upstreamText } from "../upstream-text.js";

const Code = z.union([z.string(), z.number()]).nullish().catch(null);
const Text = z.string().nullish().catch(null);

/**
 * The error object of OpenAI and of those who speak its dialect: OpenRouter's numeric `code` with `metadata.raw`,
 * plain strings, and vLLM's flat form.
 */
const ErrorObject = z.object({
  message: Text,
  type: Text,
  code: Code,
  param: Text,
  metadata: z.object({ raw: Text }).nullish().catch(null),
});
const ErrorBody = z.union([
  z.object({ error: ErrorObject }).transform(({ error }) => error),
  z.object({ error: z.string() }).transform(({ error }) => ErrorObject.parse({ message: error })),
  z.object({ message: z.string() }).and(ErrorObject),
  z.object({ detail: z.string() }).transform(({ detail }) => ErrorObject.parse({ message: detail })),
]);

/** Reads an OpenAI-style error answer. */
export function openaiFailure(status: number, bytes: Buffer): UpstreamFailure {
  return failureOf(status, parseJson(bytes.toString("utf8")));
}

/** Reads the error of a 200 answer or of a stream's frame; its numeric `code`, where it has one, is the status. */
export function openaiInBandFailure(body: unknown): UpstreamFailure {
  const code = ErrorBody.safeParse(body).data?.code;
  const status = typeof code === "number" && code >= 400 && code < 600 ? code : 502;
  return failureOf(status, body);
}

function failureOf(status: number, body: unknown): UpstreamFailure {
  const error = ErrorBody.safeParse(body).data;
  const upstreamCode = typeof error?.code === "string" ? error.code : (error?.type ?? "");
  const message = error?.message ?? "";
  const words = [message, error?.metadata?.raw].filter((part) => part).join(": ");
  return new UpstreamFailure(failureCode(status, upstreamCode, message), {
    status,
    details: upstreamText(words) || `answered with status ${status}`,
    upstreamCode: upstreamCode || undefined,
    param: error?.param ?? undefined,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
