import type { Usage } from "../../spec/usage.js";
import { editBody } from "../body-edit.js";
import type { SseEvent } from "../sse-event.js";
import { SAME, type Step, type StreamReader } from "../upstream-call.js";
import { UpstreamFailure } from "../upstream-failure.js";
import { isFailedChoice, openaiInBandFailure } from "./failure.js";
import { openaiUsage } from "./usage.js";

const OUTPUT: Step = { kind: "output", frame: SAME };
const META: Step = { kind: "meta", frame: SAME };
const SILENT: Step = { kind: "meta", frame: null };
const END: Step = { kind: "end", frame: SAME };

/** Fields of a delta that are output; `role` alone is not. */
const OUTPUT_FIELDS = [
  "content",
  "tool_calls",
  "reasoning_content",
  "reasoning",
  "reasoning_details",
  "refusal",
  "audio",
  "function_call",
];

/** Reads a stream in the caller's own dialect: events go on as they came. */
export class OpenaiStreamReader implements StreamReader {
  usage: Usage | null = null;
  #inOutput = false;
  /** Set once an upstream turns out to leave `model` out of its chunks. */
  #fillModel = false;
  readonly #apiModelName: string;
  readonly #callerWantsUsage: boolean;

  constructor(apiModelName: string, callerWantsUsage: boolean) {
    this.#apiModelName = apiModelName;
    this.#callerWantsUsage = callerWantsUsage;
  }

  read(event: SseEvent): Step {
    if (this.#inOutput && !this.#fillModel && isPlainChunk(event.raw)) return OUTPUT;
    const { data } = event;
    if (data === null || data === "") return this.#inOutput ? META : SILENT; // comments; before output they are noise
    if (data.trim() === "[DONE]") return this.#inOutput ? END : failed(nothing());
    return this.#readChunk(event, data);
  }

  #readChunk(event: SseEvent, data: string): Step {
    const chunk = parseChunk(data);
    if (!chunk) return failed(new UpstreamFailure("upstream_failed", { details: "sent an event that is not JSON" }));
    if (chunk.error !== undefined && chunk.error !== null) return failed(openaiInBandFailure(chunk));
    if (event.event === "error") return failed(openaiInBandFailure({ error: chunk }));
    const usage = openaiUsage(chunk.usage);
    if (usage) this.usage = usage; // cumulative where it comes more than once: overwrite, never add
    const choices = Array.isArray(chunk.choices) ? chunk.choices : [];
    if (usage && choices.length === 0 && !this.#callerWantsUsage) return SILENT;
    const broken = choices.find(isFailedChoice);
    if (broken) return failed(openaiInBandFailure(broken));
    const output = choices.some(isOutput);
    if (output) this.#inOutput = true;
    if (typeof chunk.model !== "string" || chunk.model === "") return this.#filled(data, output);
    return output ? OUTPUT : META;
  }

  #filled(data: string, output: boolean): Step {
    this.#fillModel = true;
    const filled = editBody(data, [["model", JSON.stringify(this.#apiModelName)]]);
    // A value may hold raw line ends only between tokens, where a space does as well.
    return { kind: output ? "output" : "meta", frame: `data: ${filled.replaceAll("\n", " ")}\n\n` };
  }
}

/**
 * Whether an event is surely just one more chunk: not cut short, not the end, not an error, not usage. A quote inside a
 * JSON string is escaped, so these names with their quotes can only be keys, or values that cost a needless look.
 */
function isPlainChunk(raw: Buffer): boolean {
  const text = raw.toString("latin1");
  return (
    (text.startsWith("data: {") || text.startsWith("data:{")) &&
    text.trimEnd().endsWith("}") &&
    !text.includes('"prompt_tokens"') &&
    !text.includes("error") &&
    !text.includes("[DONE]")
  );
}

/** An answer of no words at all still has a finish reason. */
function nothing(): UpstreamFailure {
  return new UpstreamFailure("upstream_failed", { details: "ended the stream without an answer" });
}

function failed(failure: UpstreamFailure): Step {
  return { kind: "failure", frame: null, failure };
}

interface Chunk {
  readonly error?: unknown;
  readonly usage?: unknown;
  readonly model?: unknown;
  readonly choices?: unknown;
}

function parseChunk(data: string): Chunk | null {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === "object" && value !== null ? value : null;
  } catch {
    return null;
  }
}

/** A choice of a chat has a delta, one of a plain completion its text. */
interface Choice {
  readonly delta?: unknown;
  readonly text?: unknown;
  readonly finish_reason?: unknown;
}

/** A finish reason alone is output too: a model may answer with nothing. */
function isOutput(choice: unknown): boolean {
  if (typeof choice !== "object" || choice === null) return false;
  const { delta, text, finish_reason: finished } = choice as Choice; // each field is read as unknown
  if (typeof finished === "string" && finished !== "") return true;
  if (typeof text === "string" && text !== "") return true;
  if (typeof delta !== "object" || delta === null) return false;
  const fields = delta as Readonly<Record<string, unknown>>; // a JSON object
  return OUTPUT_FIELDS.some((name) => {
    const value = fields[name];
    return value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0);
  });
}
