import { readFileSync } from "node:fs";
import { parseRecording } from "./parse-recording.js";
import type { Recording } from "./recording.js";

/** The names of all recordings that come with the package: vendor and exchange. */
export const fixtureNames: readonly string[] = [
  "anthropic/error-mid-stream",
  "anthropic/message",
  "anthropic/message-stream-thinking",
  "anthropic/overloaded",
  "anthropic/tool-stream-empty-arguments",
  "llama-cpp/chat-stream",
  "ollama/chat-stream",
  "openai/chat",
  "openai/chat-stream-usage",
  "openai/embeddings",
  "openai/parallel-tools-stream",
  "openai/rate-limited",
  "openai/structured-output",
  "openai/unauthorized",
  "openrouter/chat-stream-comments",
  "openrouter/error-in-200",
  "openrouter/error-mid-stream",
  "vllm/chat-stream",
];

/**
 * Reads a recording that comes with the package. All are written by hand after the vendors' documentation.
 * @throws TypeError listing the names there are
 * @example
 * upstream.enqueue(replay(fixture("anthropic/overloaded")));
 */
export function fixture(name: string): Recording {
  if (!fixtureNames.includes(name))
    throw new TypeError(`There is no fixture ${name}. There are: ${fixtureNames.join(", ")}`);
  return parseRecording(JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), "utf8")));
}
