import { editBody } from "../dialects/body-edit.js";
import { SseSplitter } from "../dialects/sse-splitter.js";
import type { Answer } from "../dialects/upstream-call.js";
import type { RequestReceipt } from "../schemas/usage-view.js";
import { decimalDollars } from "../usage/money.js";
import type { Served } from "./run.js";

/** Who served a call, as the headers say it. */
export interface Receipt {
  readonly provider: string;
  readonly model: string;
  readonly layer: string;
  readonly attempts: number;
  readonly fallbacks: number;
}

/** The receipt of a served call. */
export function receiptOf({ target, attempts, fallbacks }: Served): Receipt {
  const { model, provider } = target;
  return { provider: provider.name, model: model.id, layer: model.layer, attempts, fallbacks };
}

/** The body of a whole answer, with what the caller asked to be told besides: a cross-check's answers, the receipt. */
export function answerBody(
  served: Served,
  { body, contentType }: Answer,
  receipt: RequestReceipt | null,
): Answer["body"] {
  const crossCheck = crossCheckOf(served);
  if (contentType !== undefined || (!crossCheck && !receipt)) return body;
  const sluice = { ...(crossCheck ? { crossCheck } : {}), ...(receipt ? { receipt } : {}) };
  return editBody(body.toString(), [["sluice", JSON.stringify(sluice)]]);
}

/** Both answers of a cross-check and what came of them; null where nobody asked for them. */
export function crossCheckOf({ cascade }: Served): object | null {
  if (!cascade?.answers) return null;
  const { verdicts, escalated } = cascade;
  const agreement = verdicts.find(({ judge }) => judge === "agreement");
  const answers = cascade.answers.map(({ model, text }) => ({ model, text }));
  const verdict = agreement ? CROSS_CHECK[agreement.outcome] : "unknown";
  const reason = agreement?.reason ?? `not compared: ${verdicts.at(-1)?.reason ?? "nobody judges by agreement"}`;
  return { verdict, ...(verdict === "unknown" && { reason }), answers, escalated };
}

const CROSS_CHECK = { accept: "agree", reject: "disagree", unknown: "unknown" } as const;

/** What a whole answer's headers say besides who served it. */
export interface AnswerFigures {
  readonly overheadMs: number;
  /** In picodollars, of all upstream calls; null where it is not known. */
  readonly cost: number | null;
}

/** Headers of a whole answer. */
export function answerHeaders(
  served: Served,
  { contentType }: Answer,
  { overheadMs, cost }: AnswerFigures,
): Record<string, string> {
  const headers = receiptHeaders(contentType ?? "application/json; charset=utf-8", served, overheadMs);
  headers["x-sluice-cost-usd"] = cost === null ? "unknown" : decimalDollars(cost);
  return headers;
}

/** Headers of a stream; without a receipt where they go out before anybody has served it. */
export function streamHeaders(served: Served | null, overheadMs = 0): Record<string, string> {
  const type = served?.attempt.bytesOf ?? "text/event-stream; charset=utf-8";
  const headers: Record<string, string> = served ? receiptHeaders(type, served, overheadMs) : { "content-type": type };
  headers["cache-control"] = "no-cache, no-transform";
  headers["x-accel-buffering"] = "no"; // nginx holds streams back without it
  return headers;
}

function receiptHeaders(type: string, served: Served, overheadMs: number): Record<string, string> {
  const { target, attempts, fallbacks, dropped } = served;
  const headers: Record<string, string> = {
    "content-type": type,
    "x-sluice-provider": headerValue(target.provider.name),
    "x-sluice-model": headerValue(target.model.id),
    "x-sluice-layer": target.model.layer,
    "x-sluice-attempts": String(attempts),
    "x-sluice-fallbacks": String(fallbacks),
    "x-sluice-route-reason": target.reason,
    "x-sluice-overhead-ms": String(Math.round(overheadMs * 100) / 100),
  };
  describeCascade(served, headers);
  if (target.provider.simulated) headers["x-sluice-simulated"] = "true";
  if (dropped.length > 0) headers["x-sluice-dropped"] = dropped.map(headerValue).join(", ");
  return headers;
}

/** How `auto` chose between layers: judged by what, and whether a higher layer answered in the end. */
function describeCascade({ manner, skipped, cascade }: Served, headers: Record<string, string>): void {
  if (manner) headers["x-sluice-cascade"] = manner;
  if (skipped) headers["x-sluice-cascade-skipped"] = skipped;
  if (!cascade) return;
  headers["x-sluice-escalated"] = String(cascade.escalated);
  const last = cascade.verdicts.at(-1);
  if (last) headers["x-sluice-verdict"] = `${headerValue(last.judge)}=${last.outcome}`;
  if (cascade.limit) headers["x-sluice-limited"] = cascade.limit;
}

/** Model ids and the names of an application's own providers may hold any letters; header values are visible ASCII (RFC 9110 5.5). */
function headerValue(text: string): string {
  return /^[\x21-\x7e]+$/.test(text) ? text : encodeURIComponent(text);
}

/** Adds `sluice` to the usage chunk among the events of `frame`: a receipt, or what headers went out too early to hold. */
export function withReceipt(frame: Buffer | string, sluice: () => object): Buffer | string {
  const bytes = typeof frame === "string" ? Buffer.from(frame) : frame;
  if (!bytes.includes(USAGE)) return frame;
  const events: string[] = [];
  new SseSplitter().push(bytes, ({ data, raw }) => {
    const counted = data?.startsWith("{") && data.includes(USAGE) ? data : null;
    if (counted === null) return events.push(raw.toString());
    const edited = editBody(counted, [["sluice", JSON.stringify(sluice())]]);
    events.push(`data: ${oneLine(edited)}\n\n`);
  });
  return events.join("");
}

const USAGE = '"prompt_tokens"';

/** JSON in one line: it holds line ends only between tokens, where a space does as well. */
function oneLine(json: string): string {
  return json.replaceAll("\n", " ");
}
