import type { Usage } from "../../spec/usage.js";
import { editBody } from "../body-edit.js";
import type { Answer } from "../upstream-call.js";
import { UpstreamFailure } from "../upstream-failure.js";
import { isFailedChoice, openaiInBandFailure } from "./failure.js";
import { openaiUsage } from "./usage.js";

/** Where `model` and `choices` begin in every answer seen, and how far from the end `usage` does at most. */
const HEAD_BYTES = 256;
const TAIL_BYTES = 1_024;

const ERROR = Buffer.from('"error"');
const USAGE = Buffer.from('"usage"');
/** A choice is what an answer consists of. */
const FIRST_CHOICE = /"choices"\s*:\s*\[\s*\{/;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Reads a whole OpenAI answer and keeps its bytes; only a missing `model` is filled in. */
export function openaiAnswer(bytes: Buffer, apiModelName: string): Answer {
  return quickAnswer(bytes) ?? parsedAnswer(bytes, apiModelName);
}

/**
 * Most answers end with a usage object. If the braces from `"usage"` on close with the text, then the answer is not cut
 * short, and need not be parsed. `"usage"` cannot stand inside a string: its quotes would be escaped there; the same
 * goes for `"error"`, with which an answer is looked at closely. Bytes are looked at as Latin-1, as all that matters
 * here is ASCII. Usage itself is read when somebody wants it.
 */
function quickAnswer(bytes: Buffer): Answer | null {
  if (bytes.includes(ERROR)) return null;
  const at = bytes.lastIndexOf(USAGE);
  if (at < bytes.length - TAIL_BYTES) return null;
  const rest = bytes.toString("latin1", at);
  if (!closesObject(rest)) return null;
  const head = bytes.toString("latin1", 0, HEAD_BYTES);
  if (!head.startsWith("{") || !head.includes('"model"') || !FIRST_CHOICE.test(head)) return null;
  return new QuickAnswer(bytes, rest);
}

class QuickAnswer implements Answer {
  readonly body: Buffer;
  readonly #rest: string;

  constructor(body: Buffer, rest: string) {
    this.body = body;
    this.#rest = rest;
  }

  get usage(): Usage | null {
    return openaiUsage(parse(`{${this.#rest}`)?.usage);
  }
}

/** Whether an object ends with the text, whose beginning is a member of it. */
function closesObject(text: string): boolean {
  let depth = 1;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === OPEN_BRACE) depth++;
    else if (code === CLOSE_BRACE && --depth === 0) return text.slice(at + 1).trim() === "";
    else if (code === QUOTE) {
      for (at++; at < text.length && text.charCodeAt(at) !== QUOTE; at++) if (text.charCodeAt(at) === BACKSLASH) at++;
    }
  }
  return false;
}

function parsedAnswer(bytes: Buffer, apiModelName: string): Answer {
  const text = bytes.toString("utf8");
  const answer = parse(text);
  if (!answer) throw new UpstreamFailure("upstream_failed", { details: "answered with something that is not JSON" });
  if (answer.error !== undefined && answer.error !== null) throw openaiInBandFailure(answer);
  if (!Array.isArray(answer.choices) || answer.choices.length === 0) {
    throw new UpstreamFailure("upstream_failed", { details: "answered without choices" });
  }
  const failed = answer.choices.find(isFailedChoice);
  if (failed) throw openaiInBandFailure(failed);
  const usage = openaiUsage(answer.usage);
  if (typeof answer.model === "string" && answer.model !== "") return { body: bytes, usage };
  return { body: editBody(text, [["model", JSON.stringify(apiModelName)]]), usage };
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
