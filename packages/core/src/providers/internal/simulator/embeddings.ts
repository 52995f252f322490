import { createHash } from "node:crypto";
import { EmbeddingRequest } from "../../../schemas/forward.js";
import { digestOf } from "./digest.js";
import type { ScriptStep } from "./script.js";
import { tokensOf } from "./tokens.js";

const DIMENSIONS = 256;
const MAX_DIMENSIONS = 4_096;

/** Answers an embeddings request: texts that share words get vectors that lie near each other. */
export function* embeddingsScript(body: string): Generator<ScriptStep> {
  yield { kind: "start" };
  const request = read(body);
  if (!request) {
    const error = { message: "this is no embeddings request", type: "invalid_request_error", param: null, code: null };
    yield { kind: "headers", status: 400, headers: { "content-type": "application/json" } };
    yield { kind: "data", text: JSON.stringify({ error }) };
    return;
  }
  const { input, model } = request;
  const dimensions = Math.min(request.dimensions ?? DIMENSIONS, MAX_DIMENSIONS);
  const wordLists = textsOf(input);
  const tokens = wordLists.reduce((sum, words) => sum + words.length, 0);
  const data = wordLists.map((words, index) => ({ object: "embedding", index, embedding: vector(words, dimensions) }));
  const answer = { object: "list", data, model, usage: { prompt_tokens: tokens, total_tokens: tokens } };
  const headers = { "content-type": "application/json", "x-request-id": `req_${digestOf(body)}` };
  yield { kind: "headers", status: 200, headers };
  yield { kind: "data", text: JSON.stringify(answer) };
}

function read(body: string) {
  try {
    return EmbeddingRequest.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}

type Input = NonNullable<ReturnType<typeof read>>["input"];

/** Each input as what the simulator counts as tokens. */
function textsOf(input: Input): readonly (readonly string[])[] {
  if (typeof input === "string") return [tokensOf(input)];
  if (input.every((each) => typeof each === "number")) return [input.map(String)];
  return input.map((each) => (typeof each === "string" ? tokensOf(each) : [each].flat().map(String)));
}

/** Feature hashing: each word pulls one dimension up or down; the sum is brought to length one. */
function vector(words: readonly string[], dimensions: number): readonly number[] {
  const sum = new Float32Array(dimensions);
  for (const word of ["", ...words]) {
    const hash = createHash("sha256").update(word.trim().toLowerCase()).digest();
    const at = hash.readUInt32LE(0) % dimensions;
    sum[at] = (sum[at] ?? 0) + (hash.readInt8(4) < 0 ? -1 : 1);
  }
  const length = Math.hypot(...sum) || 1;
  return Array.from(sum, (value) => value / length);
}
