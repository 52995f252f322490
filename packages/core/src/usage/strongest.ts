import type { LedgerRow } from "../schemas/ledger.js";
import { LAYERS, type Model } from "../schemas/model.js";
import type { Operation } from "../schemas/operation.js";
import { costOf } from "./cost.js";
import type { LedgerDeps } from "./ledger-deps.js";
import type { Prices } from "./prices.js";

/** What the strongest model is found from. */
export interface StrongestDeps {
  readonly prices: Prices;
  /** The catalogue as it is now; another list each time it changes. */
  readonly models: () => readonly Model[];
  /** Whether `auto` could reach a model. */
  readonly usable: (model: Model) => boolean;
  readonly now: () => number;
}

/**
 * Says what answering with the strongest model would have cost: the first usable one with a price on the highest layer.
 * Its own count of tokens would differ a little; the answer's is taken.
 */
export function strongestModel({ prices, models, usable, now }: StrongestDeps): LedgerDeps["strongest"] {
  let known: readonly Model[] | null = null;
  let pricesKnown = -1;
  let found = new Map<Operation, Model | null>();

  function find(operation: Operation): Model | null {
    const candidates = (known ?? []).filter(
      (model) =>
        (model.operations ?? ["chat"]).includes(operation) && usable(model) && prices.of(model, now()) !== null,
    );
    const layer = LAYERS.findLast((each) => candidates.some((model) => model.layer === each));
    return candidates.find((model) => model.layer === layer) ?? null;
  }

  return (operation, usage): LedgerRow["strongest"] => {
    const current = models();
    if (current !== known || prices.revision !== pricesKnown) {
      known = current;
      pricesKnown = prices.revision;
      found = new Map();
    }
    let model = found.get(operation);
    if (model === undefined) {
      model = find(operation);
      found.set(operation, model);
    }
    const price = model && prices.of(model, now());
    const cost = price && costOf(usage, price);
    return model && cost !== null ? { model: model.id, cost } : null;
  };
}
