import { z } from "zod";
import type { Clock } from "../../clock.js";
import type { Logger } from "../../spec/logger.js";
import type { EntryKind, Store } from "../../spec/store.js";
import { comparisons, type Findings, FindingsState } from "../audit/findings.js";
import type { LearnedState } from "./learned-score.js";
import type { PreRoute } from "./pre-route.js";

const LEARNED: EntryKind<LearnedState> = {
  name: "learned",
  schema: z.object({ outcomes: z.int().nonnegative(), weights: z.string(), slopes: z.string() }),
};
const FINDINGS: EntryKind<FindingsState> = { name: "findings", schema: FindingsState };
const ID = "pre-route";

const SAVE_EVERY_MS = 60_000;

/** Options of {@link KeptOutcomes}. */
export interface KeptOutcomesOptions {
  readonly preRoute: PreRoute;
  readonly findings: Findings;
  readonly store: Pick<Store, "entries">;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Keeps what was learned from outcomes in the store, so that a restart does not begin anew. Of several instances the one
 * that has seen most is kept. A store that fails costs what was learned, never a call.
 */
export class KeptOutcomes {
  readonly #options: KeptOutcomesOptions;
  readonly #parts: readonly Part[];
  #cancel: () => void = () => {};

  constructor(options: KeptOutcomesOptions) {
    const { preRoute, findings, store } = options;
    this.#options = options;
    this.#parts = [
      keptPart(store, LEARNED, {
        seen: ({ outcomes }) => outcomes,
        count: () => preRoute.outcomes,
        state: () => preRoute.state(),
        restore: (state) => preRoute.restore(state),
      }),
      keptPart(store, FINDINGS, {
        seen: comparisons,
        count: () => findings.count,
        state: () => findings.state(),
        restore: (state) => findings.restore(state),
      }),
    ];
  }

  /** Goes on from what was kept, and keeps what comes. */
  async start(): Promise<void> {
    const { clock, logger } = this.#options;
    try {
      for (const part of this.#parts) await part.load();
    } catch (error) {
      logger.warn({ err: error }, "what was learned about prompts could not be read");
    }
    this.#cancel = clock.every(SAVE_EVERY_MS, () => void this.#save());
  }

  /** Keeps the last outcomes. */
  async stop(): Promise<void> {
    this.#cancel();
    await this.#save();
  }

  async #save(): Promise<void> {
    try {
      for (const part of this.#parts) await part.save();
    } catch (error) {
      this.#options.logger.warn({ err: error }, "what was learned about prompts could not be kept");
    }
  }
}

interface Part {
  load(): Promise<void>;
  save(): Promise<void>;
}

interface PartOf<State extends object> {
  /** How many outcomes it is made of. */
  seen(state: State): number;
  /** The same of what is known now. */
  count(): number;
  state(): State;
  restore(state: State): void;
}

function keptPart<State extends object>(
  store: Pick<Store, "entries">,
  kind: EntryKind<State>,
  { seen, count, state, restore }: PartOf<State>,
): Part {
  let saved = 0;
  return {
    async load() {
      const kept = (await store.entries(kind).load()).entries.get(ID);
      if (!kept) return;
      restore(kept);
      saved = count();
    },
    async save() {
      if (count() === saved) return;
      const now = state();
      await store.entries(kind).update(ID, (kept) => (kept && seen(kept) > seen(now) ? kept : now));
      saved = seen(now);
    },
  };
}
