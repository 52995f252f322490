import type { UnitPrice } from "../schemas/ledger.js";
import type { Model } from "../schemas/model.js";
import type { Operation } from "../schemas/operation.js";

/** A picture or a file counts as this many tokens at most, however many bytes it has. */
const MAX_MEDIA_TOKENS = 50_000;
/** The longest answer of a model that says nothing about it. */
const DEFAULT_MAX_OUTPUT = 32_768;
const MEDIA = /;base64,[A-Za-z0-9+/=]+/g;

/** Operations whose answers are no text. */
const WITHOUT_OUTPUT: ReadonlySet<Operation> = new Set(["embeddings", "moderations", "rerank"]);

/** What is asked of a model, as far as it bears on the cost. */
export interface PricedCall {
  readonly operation: Operation;
  /** Its `max_tokens`, `max_completion_tokens`, `n`, `best_of` and how many prompts it has bound the answer. */
  readonly request: object;
  readonly model: Model;
  readonly body: string | Uint8Array;
}

/**
 * The most a call can cost, in picodollars: no tokenizer makes more tokens than there are bytes, save for what the body only
 * points to. Null where it has no bound.
 */
export function worstCaseOf({ operation, request, model, body }: PricedCall, price: UnitPrice): number | null {
  const input = Math.max(price.input, price.cacheRead, price.cacheWrite5m, price.cacheWrite1h ?? 0);
  const output = WITHOUT_OUTPUT.has(operation) ? 0 : outputBound(request, model) * price.output;
  const pico = (promptBound(body) + elsewhereBound(request)) * input + output;
  return Number.isSafeInteger(pico) ? pico : null;
}

function promptBound(body: string | Uint8Array): number {
  const bytes = Buffer.byteLength(body);
  if (typeof body !== "string" || !body.includes(";base64,")) return bytes;
  const media = body.match(MEDIA) ?? [];
  return media.reduce((left, { length }) => left - length + Math.min(length, MAX_MEDIA_TOKENS), bytes);
}

/** Pictures and files that the provider fetches itself, or has already. */
function elsewhereBound(request: object): number {
  const messages: unknown = Reflect.get(request, "messages");
  if (!Array.isArray(messages)) return 0;
  const parts: readonly unknown[] = messages.flatMap((message: unknown) => {
    const content: unknown = typeof message === "object" && message !== null ? Reflect.get(message, "content") : null;
    return Array.isArray(content) ? content : [];
  });
  return parts.filter(isElsewhere).length * MAX_MEDIA_TOKENS;
}

function isElsewhere(part: unknown): boolean {
  if (typeof part !== "object" || part === null) return false;
  const {
    image_url: picture,
    video_url: film,
    file,
  } = part as Partial<Record<string, { url?: unknown; file_id?: unknown }>>;
  const url = picture?.url ?? film?.url;
  return (typeof url === "string" && !url.startsWith("data:")) || typeof file?.file_id === "string";
}

/** Where both are given, upstreams differ in which they heed. */
const MOST_FIELDS = ["max_completion_tokens", "max_tokens"];
/** How many answers are made for each prompt, whether or not all of them are given back. */
const ANSWERS_FIELDS = ["n", "best_of"];

function outputBound(request: object, { maxOutputTokens, contextWindow }: Model): number {
  const asked = largestOf(request, MOST_FIELDS) ?? maxOutputTokens ?? contextWindow ?? DEFAULT_MAX_OUTPUT;
  return asked * (largestOf(request, ANSWERS_FIELDS) ?? 1) * promptsIn(request);
}

/** The largest of some fields; null where none of them asks for anything. What is forwarded unread may hold any number. */
function largestOf(request: object, fields: readonly string[]): number | null {
  const numbers = fields.flatMap((field) => {
    const value: unknown = Reflect.get(request, field);
    return typeof value === "number" && value > 0 ? [Math.ceil(value)] : [];
  });
  return numbers.length === 0 ? null : Math.max(...numbers);
}

/** A completion of the old kind may be asked for several prompts at once; a list of numbers is one, in tokens. */
function promptsIn(request: object): number {
  const prompt: unknown = Reflect.get(request, "prompt");
  return Array.isArray(prompt) && typeof prompt[0] !== "number" ? Math.max(1, prompt.length) : 1;
}
