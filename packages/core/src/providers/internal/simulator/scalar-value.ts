import type { Hints } from "./hints.js";
import { type JsonSchema, numberOf } from "./json-schema.js";
import { patternValue } from "./pattern-value.js";

interface Format {
  readonly sample: string;
  readonly test: RegExp;
}

const FORMATS: Readonly<Record<string, Format>> = {
  date: { sample: "2026-01-01", test: /^\d{4}-(?:0\d|1[0-2])-(?:[0-2]\d|3[01])$/ },
  time: { sample: "12:00:00Z", test: /^\d{2}:\d{2}:\d{2}Z$/ },
  "date-time": { sample: "2026-01-01T12:00:00Z", test: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/ },
  duration: { sample: "PT1H", test: /^PT\d+[HMS]$/ },
  email: { sample: "someone@example.com", test: /^[\w.+-]+@[\w-]+\.[\w.]+$/ },
  hostname: { sample: "example.com", test: /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i },
  ipv4: { sample: "192.0.2.1", test: /^(?:\d{1,2}\.){3}\d{1,2}$/ },
  ipv6: { sample: "2001:db8::1", test: /^[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){7}$/i },
  uri: { sample: "https://example.com/", test: /^https?:\/\/[\w.-]+(?:\/\S*)?$/ },
  uuid: { sample: "00000000-0000-4000-8000-000000000000", test: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i },
};

const MAX_LENGTH = 10_000;

/**
 * A string the schema allows: from the message where it has one, else a sample that says what it is. The caller's
 * pattern is only ever read, never run: it could take forever.
 */
export function stringValue(schema: JsonSchema, name: string, hints: Hints): string {
  const { pattern, format } = schema;
  const least = Math.min(numberOf(schema, "minLength") ?? 0, MAX_LENGTH);
  const most = numberOf(schema, "maxLength") ?? Number.POSITIVE_INFINITY;
  const known = typeof format === "string" ? FORMATS[format] : undefined;
  const fits = (value: string) =>
    lengthOf(value) >= least && lengthOf(value) <= most && (!known || known.test.test(value));
  if (typeof pattern === "string") return patternValue(pattern, fits) ?? "";
  const named = hints.named(name);
  if (named !== null && fits(named)) return named;
  const found = hints.text(fits);
  if (found !== null) return found;
  if (known) return known.sample;
  const sample = [...`simulated ${name || "value"}`.slice(0, 60)].slice(0, most).join("");
  return sample.padEnd(least, ".");
}

/** A number the schema allows: from the message where one fits, else the smallest that does. */
export function numberValue(schema: JsonSchema, name: string, hints: Hints, whole: boolean): number {
  const step = numberOf(schema, "multipleOf") ?? (whole ? 1 : 0);
  const above = numberOf(schema, "exclusiveMinimum");
  const below = numberOf(schema, "exclusiveMaximum");
  const least = numberOf(schema, "minimum");
  const most = numberOf(schema, "maximum");
  const fits = (value: number) =>
    (least === undefined || value >= least) &&
    (most === undefined || value <= most) &&
    (above === undefined || value > above) &&
    (below === undefined || value < below) &&
    (step === 0 || Number.isInteger(value / step)) &&
    (!whole || Number.isInteger(value));
  const named = Number(hints.named(name) ?? Number.NaN);
  if (fits(named)) return named;
  const found = hints.number(fits);
  if (found !== null) return found;
  const from = least ?? above ?? Math.min(1, most ?? below ?? 1);
  const stride = step || 1;
  const first = Math.ceil(from / stride) * stride;
  // Half-way between two bounds comes last: nothing else may lie between them.
  const middle = ((least ?? above ?? 0) + (most ?? below ?? 0)) / 2;
  return [from, first, first + stride, first - stride, middle].find(fits) ?? from;
}

/** JSON Schema counts characters, not UTF-16 units. */
function lengthOf(value: string): number {
  return [...value].length;
}
