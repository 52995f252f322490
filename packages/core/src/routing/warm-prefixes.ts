import { createHash } from "node:crypto";
import type { Clock } from "../clock.js";
import { Recent } from "../recent.js";
import type { ChatRequest } from "../schemas/chat.js";
import type { Usage } from "../spec/usage.js";
import { textOf } from "./prompt-text.js";
import type { Target } from "./target.js";

/** How long providers keep a prefix at least (Anthropic and OpenAI: five minutes after its last use). */
const WARM_MS = 300_000;
const MOST_REMEMBERED = 10_000;

interface Warm {
  readonly modelId: string;
  readonly until: number;
}

/**
 * Remembers which model has a conversation's beginning in its provider's cache: reading it there costs a tenth of sending
 * it to another model anew.
 */
export class WarmPrefixes {
  readonly #clock: Clock;
  readonly #warm = new Recent<Warm>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The same targets, with the model first that has the conversation warm. */
  prefer(request: ChatRequest, caller: string | undefined, targets: readonly Target[]): readonly Target[] {
    if (this.#warm.size === 0 || targets.length < 2) return targets;
    const warm = this.#warm.get(keyOf(request, caller));
    if (!warm || warm.until < this.#clock.monotonic()) return targets;
    const at = targets.findIndex(({ model }) => model.id === warm.modelId);
    if (at <= 0) return targets;
    const { model, provider } = targets[at] as Target; // just found
    return [{ model, provider, reason: `warm:${model.layer}` }, ...targets.toSpliced(at, 1)];
  }

  /** Books what an answer's usage tells of its provider's cache. */
  served(request: ChatRequest, caller: string | undefined, { model }: Target, usage: Usage | null): void {
    if (!usage || usage.cacheRead + usage.cacheWrite5m + usage.cacheWrite1h === 0) return;
    this.#warm.set(keyOf(request, caller), { modelId: model.id, until: this.#clock.monotonic() + WARM_MS });
    this.#warm.shrinkTo(MOST_REMEMBERED);
  }
}

/** A conversation is known by who has it and how it begins, which is what caches hold. */
function keyOf({ messages }: ChatRequest, caller = ""): string {
  const beginning = messages.slice(0, messages.findIndex(({ role }) => role === "user") + 1);
  const hash = createHash("sha256").update(caller);
  for (const message of beginning) hash.update(`\n${message.role}\n${textOf(message)}`);
  return hash.digest("base64");
}
