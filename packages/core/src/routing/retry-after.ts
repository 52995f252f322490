import type { Clock } from "../clock.js";
import type { UpstreamHeaders } from "../spec/provider.js";

/**
 * Milliseconds an upstream asks to wait: `retry-after-ms`, or `retry-after` in seconds or as a date (RFC 9110 10.2.3).
 * Undefined for none and for what makes no sense.
 */
export function retryAfterMs(headers: UpstreamHeaders, clock: Clock): number | undefined {
  const exact = first(headers["retry-after-ms"]);
  if (exact !== undefined && /^\d{1,12}(?:\.\d+)?$/.test(exact)) return Number(exact);
  const value = first(headers["retry-after"]);
  if (value === undefined) return undefined;
  if (/^\d{1,10}(?:\.\d+)?$/.test(value)) return Number(value) * 1_000;
  const date = dateOf(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - clock.now());
}

/** Any of the three forms of an HTTP date (RFC 9110 5.6.7), of which the last leaves out that it is GMT. */
function dateOf(text: string): number {
  if (!/^[A-Z][a-z]{2,8},? /.test(text)) return Number.NaN;
  return Date.parse(text.endsWith("GMT") ? text : `${text} GMT`);
}

function first(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "object" ? value[0]?.trim() : value?.trim();
}
