import { editBody } from "../body-edit.js";
import type { Answer } from "../translation.js";
import { UpstreamFailure } from "../upstream-failure.js";
import { openaiInBandFailure } from "./failure.js";
import { openaiUsage } from "./usage.js";

/** How far from the end `usage` begins at most; further off, the answer is parsed as a whole. */
const TAIL_BYTES = 2_048;
const OPEN_BRACE = 0x7b;

/** Reads a whole OpenAI answer and keeps its bytes; only a missing `model` is filled in. */
export function openaiAnswer(bytes: Buffer, apiModelName: string): Answer {
  return quickAnswer(bytes) ?? parsedAnswer(bytes, apiModelName);
}

/**
 * Most answers end with a usage object. If the text from `"usage"` on parses as the rest of an object, then the answer
 * is not cut short, and the rest of it need not be parsed. `"usage"` cannot stand inside a string: its quotes would be
 * escaped there.
 */
function quickAnswer(bytes: Buffer): Answer | null {
  const at = bytes.lastIndexOf('"usage"');
  if (at < 0 || bytes.length - at > TAIL_BYTES) return null;
  if (bytes[0] !== OPEN_BRACE || bytes.indexOf('"model"') < 0 || bytes.indexOf('"choices"') < 0) return null;
  const rest = parse(`{${bytes.toString("utf8", at)}`);
  const usage = openaiUsage(rest?.usage);
  return usage && { body: bytes, usage };
}

function parsedAnswer(bytes: Buffer, apiModelName: string): Answer {
  const text = bytes.toString("utf8");
  const answer = parse(text);
  if (!answer) throw new UpstreamFailure("upstream_failed", { details: "answered with something that is not JSON" });
  if (answer.error !== undefined && answer.error !== null && !Array.isArray(answer.choices)) {
    throw openaiInBandFailure(answer);
  }
  if (!Array.isArray(answer.choices)) {
    throw new UpstreamFailure("upstream_failed", { details: "answered without choices" });
  }
  const usage = openaiUsage(answer.usage);
  if (typeof answer.model === "string" && answer.model !== "") return { body: bytes, usage };
  return { body: editBody(text, new Map([["model", JSON.stringify(apiModelName)]])), usage };
}

/** Parses a JSON object; null for everything else. */
function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
    return value as Record<string, unknown>; // a JSON object has string keys
  } catch {
    return null;
  }
}
