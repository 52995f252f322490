import { z } from "zod";
import type { Clock } from "../../clock.js";
import type { Logger } from "../../spec/logger.js";
import type { EntryKind, Store } from "../../spec/store.js";
import type { LearnedState } from "./learned-score.js";
import type { PreRoute } from "./pre-route.js";

const LEARNED: EntryKind<LearnedState> = {
  name: "learned",
  schema: z.object({ outcomes: z.int().nonnegative(), weights: z.string(), slopes: z.string() }),
};
const ID = "pre-route";

const SAVE_EVERY_MS = 60_000;

/** Options of {@link KeptOutcomes}. */
export interface KeptOutcomesOptions {
  readonly preRoute: PreRoute;
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
  #saved = 0;
  #cancel: () => void = () => {};

  constructor(options: KeptOutcomesOptions) {
    this.#options = options;
  }

  /** Goes on from what was kept, and keeps what comes. */
  async start(): Promise<void> {
    const { store, preRoute, clock, logger } = this.#options;
    try {
      const kept = (await store.entries(LEARNED).load()).entries.get(ID);
      if (kept) preRoute.restore(kept);
    } catch (error) {
      logger.warn({ err: error }, "what was learned about prompts could not be read");
    }
    this.#saved = preRoute.outcomes;
    this.#cancel = clock.every(SAVE_EVERY_MS, () => void this.#save());
  }

  /** Keeps the last outcomes. */
  async stop(): Promise<void> {
    this.#cancel();
    await this.#save();
  }

  async #save(): Promise<void> {
    const { store, preRoute, logger } = this.#options;
    if (preRoute.outcomes === this.#saved) return;
    const state = preRoute.state();
    try {
      await store.entries(LEARNED).update(ID, (kept) => (kept && kept.outcomes > state.outcomes ? kept : state));
      this.#saved = state.outcomes;
    } catch (error) {
      logger.warn({ err: error }, "what was learned about prompts could not be kept");
    }
  }
}
