import { LedgerRow, type RowStart, type UnitPrice } from "../../schemas/ledger.js";

/*
 * Rows as JSON lists without their brackets, in two halves: what is known when a call is sent, and what is known when it
 * has ended. Put together by hand, since this runs twice for every call: only what may hold any letters goes through
 * JSON.stringify.
 */

/** What is known when a call is sent. */
export function startText(start: RowStart): string {
  const { key, user, tags } = start;
  const who = `${key === null ? "null" : quoted(key)},${user === null ? "null" : quoted(user)}`;
  const labels = tags.length === 0 ? "[]" : JSON.stringify(tags);
  return `"${start.id}","${start.requestId}",${start.attempt},${start.at},${who},${labels},${whatText(start)}`;
}

/** What stays the same from one call of a model to the next, as a rule. */
type What = Pick<RowStart, "model" | "provider" | "layer" | "operation" | "stream" | "reason" | "role" | "price">;

/** By model, of its last call. */
const lastWhat = new Map<string, { readonly what: What; readonly text: string }>();
const MAX_MODELS = 10_000;

function whatText(what: What): string {
  const last = lastWhat.get(what.model);
  if (last && isSame(last.what, what)) return last.text;
  const { model, provider, layer, operation, stream, reason, role, price } = what;
  const why = `${stream},${quoted(reason)},"${role}"`;
  const text = `${quoted(model)},${quoted(provider)},"${layer}","${operation}",${why},${priceText(price)}`;
  if (last || lastWhat.size < MAX_MODELS) lastWhat.set(model, { what, text });
  return text;
}

function isSame(one: What, other: What): boolean {
  return (
    one.stream === other.stream &&
    one.reason === other.reason &&
    one.role === other.role &&
    one.operation === other.operation &&
    one.price === other.price &&
    one.provider === other.provider &&
    one.layer === other.layer
  );
}

/** What is known when a call has ended. */
export function endText(row: LedgerRow): string {
  const { status, code, partial, usageSource, usage, cost, costReported, estimatedCost } = row;
  const { strongest, verdicts, durationMs, ttftMs, omitted } = row;
  const counts = usage
    ? `[${usage.input},${usage.cacheRead},${usage.cacheWrite5m},${usage.cacheWrite1h},${usage.output},${usage.reasoning}]`
    : "null";
  const how = `"${status}",${code === null ? "null" : `"${code}"`},${partial},"${usageSource}",${counts}`;
  const other = strongest === null ? "null" : `[${quoted(strongest.model)},${strongest.cost}]`;
  const said = verdicts.length === 0 ? "[]" : JSON.stringify(verdicts);
  const text = `${how},${cost},${costReported},${estimatedCost},${other},${said},${durationMs},${ttftMs}`;
  return omitted ? `${text},${JSON.stringify(omitted)}` : text;
}

const START_FIELDS = [
  "id",
  "requestId",
  "attempt",
  "at",
  "key",
  "user",
  "tags",
  "model",
  "provider",
  "layer",
  "operation",
  "stream",
  "reason",
  "role",
  "price",
];
const END_FIELDS = [
  "status",
  "code",
  "partial",
  "usageSource",
  "usage",
  "cost",
  "costReported",
  "estimatedCost",
  "strongest",
  "verdicts",
  "durationMs",
  "ttftMs",
  "omitted",
];
const COUNTS = ["input", "cacheRead", "cacheWrite5m", "cacheWrite1h", "output", "reasoning"];

/** The row of both halves; null where it is none, as a later version may write. */
export function readRow(list: readonly unknown[]): LedgerRow | null {
  const fields = { ...named(START_FIELDS, list), ...named(END_FIELDS, list.slice(START_FIELDS.length)) };
  const { usage, price, strongest } = fields;
  return (
    LedgerRow.safeParse({
      ...fields,
      usage: Array.isArray(usage) ? named(COUNTS, usage) : usage,
      price: Array.isArray(price) ? named(PRICE_FIELDS, price) : price,
      strongest: Array.isArray(strongest) ? named(["model", "cost"], strongest) : strongest,
    }).data ?? null
  );
}

/** The row of a call that was sent and of whose end nothing is known: the gateway went down. */
export function readCrashed(list: readonly unknown[]): LedgerRow | null {
  const start = list.slice(0, START_FIELDS.length);
  const input = list[START_FIELDS.length];
  const price = named(PRICE_FIELDS, Array.isArray(start.at(-1)) ? (start.at(-1) as unknown[]) : []); // just looked
  const counts = [input, 0, 0, 0, 0, 0];
  const estimate = typeof input === "number" && typeof price.input === "number" ? input * price.input : null;
  const isFree = price.input === 0 && price.output === 0;
  const cost = isFree ? 0 : null;
  const end = [
    "crashed",
    null,
    false,
    "partial-estimated",
    counts,
    cost,
    false,
    isFree ? null : estimate,
    null,
    [],
    0,
    null,
  ];
  return readRow([...start, ...end]);
}

function named(names: readonly string[], values: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name, index) => [name, values[index]]));
}

const PRICE_FIELDS = [
  "input",
  "output",
  "cacheRead",
  "cacheWrite5m",
  "cacheWrite1h",
  "maxPromptTokens",
  "asOf",
  "source",
] as const satisfies readonly (keyof UnitPrice)[];

/** Texts as JSON: of keys, models and reasons there are few. */
const quotedTexts = new Map<string, string>();
const MAX_QUOTED_TEXTS = 10_000;

function quoted(text: string): string {
  const known = quotedTexts.get(text);
  if (known !== undefined) return known;
  const made = JSON.stringify(text);
  if (quotedTexts.size < MAX_QUOTED_TEXTS) quotedTexts.set(text, made);
  return made;
}

/** Prices are few and stay the same for long. */
const priceTexts = new WeakMap<UnitPrice, string>();

function priceText(price: UnitPrice | null): string {
  if (price === null) return "null";
  const known = priceTexts.get(price);
  if (known !== undefined) return known;
  const text = JSON.stringify(PRICE_FIELDS.map((name) => price[name]));
  priceTexts.set(price, text);
  return text;
}
