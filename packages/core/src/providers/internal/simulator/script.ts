import type { UpstreamHeaders } from "../../../spec/provider.js";
import { choicesFor, usageOf } from "./answer.js";
import { readCall, type SimulatedCall } from "./read-call.js";
import { completionText, event, type SimulatedAnswer, streamEvents } from "./render.js";

/** One thing an upstream does, in the order in which it does it. */
export type ScriptStep =
  | { readonly kind: "start" | "hang" }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "headers"; readonly status: number; readonly headers: UpstreamHeaders }
  | { readonly kind: "data"; readonly text: string }
  | { readonly kind: "fail"; readonly cause: Error };

/** What the script needs to know besides the request. */
export interface ScriptOptions {
  readonly latencyMs: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const FAILED = { message: "The simulator failed as it was asked to", type: "server_error", code: "simulated_failure" };

/** Everything the simulator does for one request, made as it is taken; it ends in good order unless it fails. */
export function* script(body: string, stream: boolean, options: ScriptOptions): Generator<ScriptStep> {
  const call = readCall(body);
  if ("problem" in call) {
    yield { kind: "start" };
    yield* refusal(400, { message: call.problem, type: "invalid_request_error", param: call.param });
    return;
  }
  const { directives } = call;
  if (directives.refuse) yield { kind: "fail", cause: networkError("connect ECONNREFUSED", "ECONNREFUSED") };
  yield { kind: "start" };
  yield { kind: "wait", ms: directives.latency ?? options.latencyMs };
  if (directives.hang) yield { kind: "hang" };
  if (directives.status !== undefined) {
    const retryAfter = directives["retry-after"];
    yield* refusal(directives.status, statusError(directives.status), retryAfter);
    return;
  }
  const choices = choicesFor(call);
  const answer = { call, choices, usage: usageOf(call, choices), created: Math.floor(options.now / 1_000) };
  yield* stream ? streamed(answer) : whole(answer);
}

function* whole(answer: SimulatedAnswer): Generator<ScriptStep> {
  const { directives } = answer.call;
  const fails = directives["error-frame-after"] !== undefined;
  yield { kind: "wait", ms: (directives.interval ?? 0) * answer.usage.completion_tokens };
  yield headers(200, "application/json", answer.call.digest);
  if (directives["hang-after"] !== undefined) yield { kind: "hang" };
  const text = fails ? JSON.stringify({ error: { ...FAILED, param: null } }) : completionText(answer);
  if (directives["fail-after"] !== undefined) {
    yield { kind: "data", text: text.slice(0, Math.floor(text.length / 2)) };
    yield { kind: "fail", cause: connectionLost() };
  }
  yield { kind: "data", text };
}

function* streamed(answer: SimulatedAnswer): Generator<ScriptStep> {
  const { directives } = answer.call;
  yield headers(200, "text/event-stream; charset=utf-8", answer.call.digest);
  let outputs = 0;
  for (const { kind, text } of streamEvents(answer)) {
    // A role is no output yet: what happens after no outputs happens behind it, before the first word.
    if (kind !== "role") {
      if (directives["fail-after"] === outputs) yield { kind: "fail", cause: connectionLost() };
      if (directives["hang-after"] === outputs) yield { kind: "hang" };
      if (directives["error-frame-after"] === outputs) {
        yield { kind: "data", text: event({ error: FAILED }) };
        return;
      }
    }
    if (kind === "output" && outputs++ > 0 && directives.interval) yield { kind: "wait", ms: directives.interval };
    yield { kind: "data", text };
  }
}

interface ErrorFields {
  readonly message: string;
  readonly type: string;
  readonly param?: string | null;
  readonly code?: string;
}

function* refusal(
  status: number,
  { param = null, code, ...error }: ErrorFields,
  retryAfter?: number,
): Generator<ScriptStep> {
  const retry = retryAfter === undefined ? {} : { "retry-after": `${retryAfter}` };
  yield { kind: "headers", status, headers: { "content-type": "application/json", ...retry } };
  yield { kind: "data", text: JSON.stringify({ error: { ...error, param, code: code ?? null } }) };
}

function statusError(status: number): ErrorFields {
  const message = `The simulator answers with status ${status}, as it was asked to`;
  if (status === 401) return { message, type: "invalid_request_error", code: "invalid_api_key" };
  if (status === 429) return { message, type: "rate_limit_error", code: "rate_limit_exceeded" };
  if (status >= 500) return { message, type: "server_error" };
  return { message, type: "invalid_request_error" };
}

function headers(status: number, contentType: string, digest: SimulatedCall["digest"]): ScriptStep {
  return { kind: "headers", status, headers: { "content-type": contentType, "x-request-id": `req_${digest}` } };
}

function connectionLost(): Error {
  return networkError("read ECONNRESET", "ECONNRESET");
}

/** An error as Node's sockets make them. */
function networkError(message: string, code: string): Error {
  return Object.assign(new Error(message), { code });
}
