import { type Gate, isGate } from "./gate.js";
import { type Reply, type ReplyHeaders, raw, type Step } from "./reply.js";

/** How a vendor writes its server-sent events; every choice is legal and must read the same. */
export interface SseFraming {
  /** @defaultValue LF */
  readonly lineEnd?: "\n" | "\r\n" | "\r";
  /** Whether a space follows the colon. @defaultValue true */
  readonly space?: boolean;
  /** A byte order mark before the first event. */
  readonly bom?: boolean;
  /** Comments before the first event. */
  readonly comments?: readonly string[];
  /** A comment between any two events. */
  readonly commentBetween?: string;
  /** Numbers the events in `id` lines. */
  readonly ids?: boolean;
  /** A `retry` line in the first event. */
  readonly retryMs?: number;
  /** Writes JSON over several `data` lines. */
  readonly splitData?: boolean;
}

/** One event to write: a bare string is its data. */
export interface SseMessage {
  readonly event?: string;
  /** A string as it is, anything else as JSON. */
  readonly data: unknown;
}

/** What a stream is made of: events, comments and gates. */
export type SsePart = SseMessage | { readonly comment: string } | Gate;

const HEADERS: ReplyHeaders = { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" };

/** A server-sent event stream in any framing; each event is one write. */
export function sse(parts: readonly SsePart[], framing: SseFraming = {}, headers: ReplyHeaders = {}): Reply {
  const end = framing.lineEnd ?? "\n";
  const steps: Step[] = [...raw(200, { ...HEADERS, ...headers }).steps];
  const opening = (framing.comments ?? []).map((comment) => commentText(comment, end)).join("");
  if (framing.bom || opening) steps.push(bytesStep(`${framing.bom ? "\uFEFF" : ""}${opening}`));
  let count = 0;
  for (const part of parts) {
    if (isGate(part)) steps.push(part);
    else if ("comment" in part) steps.push(bytesStep(commentText(part.comment, end)));
    else {
      if (count > 0 && framing.commentBetween !== undefined)
        steps.push(bytesStep(commentText(framing.commentBetween, end)));
      steps.push({ ...bytesStep(eventText(part, framing, count)), event: true });
      count++;
    }
  }
  return { steps };
}

function bytesStep(text: string): Step & { kind: "bytes" } {
  return { kind: "bytes", bytes: Buffer.from(text) };
}

function commentText(comment: string, end: string): string {
  return `:${comment === "" ? "" : ` ${comment}`}${end}${end}`;
}

function eventText({ event, data }: SseMessage, framing: SseFraming, index: number): string {
  const colon = framing.space === false ? ":" : ": ";
  const lines: string[] = [];
  if (framing.ids) lines.push(`id${colon}${index}`);
  if (framing.retryMs !== undefined && index === 0) lines.push(`retry${colon}${framing.retryMs}`);
  if (event !== undefined) lines.push(`event${colon}${event}`);
  const text = typeof data === "string" ? data : JSON.stringify(data, null, framing.splitData ? 1 : undefined);
  for (const line of text.split("\n")) lines.push(`data${colon}${line}`);
  const end = framing.lineEnd ?? "\n";
  return `${lines.join(end)}${end}${end}`;
}
