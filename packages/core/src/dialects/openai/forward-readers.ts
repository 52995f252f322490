import type { Usage } from "../../spec/usage.js";
import type { SseEvent } from "../sse-event.js";
import { SAME, type Step, type StreamReader } from "../upstream-call.js";
import { UpstreamFailure } from "../upstream-failure.js";
import { openaiInBandFailure } from "./failure.js";
import { openaiUsage } from "./usage.js";

const OUTPUT: Step = { kind: "output", frame: SAME };
const META: Step = { kind: "meta", frame: SAME };
const END: Step = { kind: "end", frame: SAME };

/** Sound and pictures: every byte is output, and the end of the body is the end of the answer. */
export class ByteReader implements StreamReader {
  readonly usage = null;
  readonly complete = true;
  readonly bytesOf: string;

  constructor(contentType: string) {
    this.bytesOf = contentType;
  }

  read(): Step {
    return OUTPUT;
  }
}

/** Types of the last event of OpenAI's streams: `speech.audio.done`, `transcript.text.done`, `image_generation.completed`. */
const LAST = /\.(?:done|completed)$/;

/** Streams of typed events. Some end with `[DONE]`, some just end after the event that says so. */
export class EventReader implements StreamReader {
  usage: Usage | null = null;
  complete = false;

  read({ data }: SseEvent): Step {
    if (data === null || data === "") return META;
    if (data.trim() === "[DONE]") return END;
    const event = parse(data);
    if (!event) return failed(new UpstreamFailure("upstream_failed", { details: "sent an event that is not JSON" }));
    if (event.error !== undefined && event.error !== null) return failed(openaiInBandFailure(event));
    if (event.type === "error") return failed(openaiInBandFailure({ error: event }));
    this.usage = openaiUsage(event.usage) ?? this.usage;
    if (typeof event.type === "string" && LAST.test(event.type)) this.complete = true;
    return OUTPUT;
  }
}

function failed(failure: UpstreamFailure): Step {
  return { kind: "failure", frame: null, failure };
}

interface TypedEvent {
  readonly type?: unknown;
  readonly error?: unknown;
  readonly usage?: unknown;
}

function parse(data: string): TypedEvent | null {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === "object" && value !== null ? value : null;
  } catch {
    return null;
  }
}
