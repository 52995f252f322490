import type { Gate } from "./gate.js";
import { json, lazily, type Reply, type ReplyHeaders, raw, type Step } from "./reply.js";

/** Takes the request and never says a word. */
export function hangBeforeHeaders(): Reply {
  return { steps: [{ kind: "hang" }] };
}

/** Sends the headers of `reply` and nothing more. */
export function hangAfterHeaders(reply: Reply): Reply {
  return afterEvents(reply, 0, { kind: "hang" });
}

/** Sends `events` events (of a stream; writes of any other body) and then falls silent. */
export function hangAfter(reply: Reply, events: number): Reply {
  return afterEvents(reply, events, { kind: "hang" });
}

/** Resets the connection after `events` events; before the headers where `events` is -1. */
export function resetAfter(reply: Reply, events: number): Reply {
  return afterEvents(reply, events, { kind: "reset" });
}

/** Closes the connection after `events` events, the chunked body unfinished. */
export function cutAfter(reply: Reply, events: number): Reply {
  return afterEvents(reply, events, { kind: "cut" });
}

/** Ends the body in good order after `events` events, so that the terminal event is missing. */
export function endAfter(reply: Reply, events: number): Reply {
  return afterEvents(reply, events, null);
}

/** Waits at a gate after `events` events; before the headers where `events` is -1. */
export function waitAfter(reply: Reply, events: number, gate: Gate): Reply {
  const { before, after } = splitAt(reply, events);
  return { steps: [...before, gate, ...after] };
}

/** JSON cut short: `length: "right"` says so in its headers, `"wrong"` promises the whole and closes the connection. */
export function truncatedJson(
  body: unknown,
  { keep = 0.5, length = "right" }: { readonly keep?: number; readonly length?: "right" | "wrong" } = {},
): Reply {
  const whole = Buffer.from(JSON.stringify(body));
  const part = whole.subarray(0, Math.floor(whole.length * keep));
  const promised = length === "right" ? part.length : whole.length;
  const { steps } = raw(200, { "content-type": "application/json", "content-length": `${promised}` }, part);
  return length === "right" ? { steps } : { steps: [...steps, { kind: "cut" }] };
}

/** A page in the place of an API answer, as captive portals and broken proxies send. */
export function html(status = 200, page = "<!doctype html><title>Welcome</title><h1>It works!</h1>"): Reply {
  return raw(
    status,
    { "content-type": "text/html; charset=utf-8", "content-length": `${Buffer.byteLength(page)}` },
    page,
  );
}

/** A redirect. */
export function redirect(location: string, status: 301 | 302 | 303 | 307 | 308 = 307): Reply {
  return raw(status, { location, "content-length": "0" });
}

/** A 429 whose `retry-after` is whatever is given: seconds, a date, nonsense; null leaves it out. */
export function rateLimited(retryAfter: string | number | Date | null = "1", headers: ReplyHeaders = {}): Reply {
  const value = retryAfter instanceof Date ? retryAfter.toUTCString() : retryAfter;
  return json(
    429,
    { error: { message: "Rate limit reached", type: "rate_limit_error", param: null, code: "rate_limit_exceeded" } },
    { ...(value === null ? {} : { "retry-after": `${value}` }), ...headers },
  );
}

/** A success whose headers take `bytes` bytes. */
export function hugeHeaders(bytes = 256 * 1024): Reply {
  return json(200, {}, { "x-padding": "x".repeat(bytes) });
}

/** The same body in other writes: of `size` bytes each, or cut at the given positions. */
export function rechunk(reply: Reply, cuts: number | readonly number[]): Reply {
  const steps = [...reply.steps];
  const body = Buffer.concat(steps.flatMap((step) => (step.kind === "bytes" ? [step.bytes] : [])));
  const edges = typeof cuts === "number" ? everyNth(cuts, body.length) : [...cuts].sort((a, b) => a - b);
  const inside = [...new Set(edges)].filter((edge) => edge > 0 && edge < body.length);
  const bounds = [0, ...inside, body.length];
  const writes: Step[] = bounds
    .slice(1)
    .map((bound, index) => ({ kind: "bytes", bytes: body.subarray(bounds[index], bound) }));
  const first = steps.findIndex((step) => step.kind === "bytes");
  if (first < 0) return reply;
  const rest = steps.slice(first).filter((step) => step.kind !== "bytes");
  return { steps: [...steps.slice(0, first), ...writes, ...rest] };
}

function everyNth(size: number, length: number): number[] {
  return Array.from({ length: Math.ceil(length / size) }, (_, index) => index * size);
}

/** A step in the place of everything after the first `events` events. */
function afterEvents(reply: Reply, events: number, step: Step | null): Reply {
  return lazily(function* () {
    yield* splitAt(reply, events).before;
    if (step) yield step;
  });
}

/** Where nothing in a reply is marked as an event, each write counts as one. */
function splitAt(reply: Reply, events: number): { before: Step[]; after: Step[] } {
  const steps = [...reply.steps];
  const marked = steps.some((step) => step.kind === "bytes" && step.event);
  const counts = (step: Step) => step.kind === "bytes" && (step.event === true || !marked);
  let left = events;
  const end = steps.findIndex((step) => (step.kind === "head" ? left < 0 : counts(step) && left-- <= 0));
  const at = end < 0 ? steps.length : end;
  return { before: steps.slice(0, at), after: steps.slice(at) };
}
