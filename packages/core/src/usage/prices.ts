import type { UnitPrice } from "../schemas/ledger.js";
import type { Model, Price } from "../schemas/model.js";
import type { ListedPrice } from "../schemas/price-list.js";

const PICO_PER_TOKEN = 1e6; // a dollar per million tokens
const ANY_MODEL = "*";

/** The prices of one model, the latest first. */
type History = readonly ListedPrice[];

interface Cached {
  readonly price: UnitPrice | null;
  /** The day from which another price may count. */
  readonly until: number;
}

/** Prices by day. A model's own price goes before the list's; without either its cost is unknown, never zero. */
export class Prices {
  readonly #histories = new Map<string, History>();
  readonly #cache = new WeakMap<Model, Cached>();

  /** @param lists - of two prices of the same model and day the one of the later list counts */
  constructor(...lists: readonly (readonly ListedPrice[])[]) {
    const byModel = new Map<string, ListedPrice[]>();
    for (const price of lists.flat()) {
      const key = keyOf(price.provider, price.model);
      byModel.set(key, [...(byModel.get(key) ?? []), price]);
    }
    for (const [key, prices] of byModel) this.#histories.set(key, sorted(prices));
  }

  /** What a token of this model costs at a time, in milliseconds since the epoch. */
  of(model: Model, at: number): UnitPrice | null {
    const cached = this.#cache.get(model);
    if (cached && at < cached.until) return cached.price;
    const price = model.price ?? this.#listed(model, at);
    const found = { price: price ? unitPrice(price) : null, until: this.#nextChange(model, at) };
    this.#cache.set(model, found);
    return found.price;
  }

  /** The model with the price that counts for it, for whoever looks at the catalogue. */
  priced(model: Model, at: number): Model {
    if (model.price) return model;
    const listed = this.#listed(model, at);
    if (!listed) return model;
    const { provider: _provider, model: _model, ...price } = listed;
    return { ...model, price };
  }

  #listed(model: Model, at: number): ListedPrice | undefined {
    const history = this.#historyOf(model);
    return history.find((price) => beginOf(price) <= at) ?? history.at(-1);
  }

  #nextChange(model: Model, at: number): number {
    if (model.price) return Number.POSITIVE_INFINITY;
    return Math.min(
      ...this.#historyOf(model)
        .map(beginOf)
        .filter((begin) => begin > at),
    );
  }

  #historyOf({ provider, apiModelName }: Model): History {
    return (
      this.#histories.get(keyOf(provider, apiModelName)) ??
      this.#histories.get(keyOf(provider, ANY_MODEL)) ??
      NO_HISTORY
    );
  }
}

const NO_HISTORY: History = [];

function keyOf(provider: string, model: string): string {
  return `${provider}/${model}`;
}

function sorted(prices: readonly ListedPrice[]): History {
  const byDay = new Map(prices.map((price) => [beginOf(price), price]));
  return [...byDay].sort(([one], [other]) => other - one).map(([, price]) => price);
}

function beginOf({ asOf }: Price): number {
  return asOf === undefined ? 0 : Date.parse(asOf);
}

/** Prices with more than six digits behind the point are rounded: less than a picodollar a token. */
function unitPrice(price: Price): UnitPrice {
  const input = perToken(price.inputPerMTok);
  const { cacheWrite1hPerMTok: hour } = price;
  return {
    input,
    output: perToken(price.outputPerMTok),
    cacheRead: perToken(price.cacheReadPerMTok ?? price.inputPerMTok),
    cacheWrite5m: perToken(price.cacheWritePerMTok ?? price.inputPerMTok),
    cacheWrite1h: hour === undefined ? null : perToken(hour),
    maxPromptTokens: price.maxPromptTokens ?? null,
    asOf: price.asOf ?? null,
    source: price.source ?? null,
  };
}

function perToken(perMTok: number): number {
  return Math.round(perMTok * PICO_PER_TOKEN);
}
