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
  readonly #shipped: readonly ListedPrice[];
  #histories: ReadonlyMap<string, History>;
  #cache = new WeakMap<Model, Cached>();
  #revision = 0;

  /** @param own - of two prices of the same model and day these count */
  constructor(shipped: readonly ListedPrice[], own: readonly ListedPrice[] = []) {
    this.#shipped = shipped;
    this.#histories = historiesOf([...shipped, ...own]);
  }

  /** Grows with each change. */
  get revision(): number {
    return this.#revision;
  }

  /** Puts other prices in the place of those that go before the shipped ones; calls that are sent from now on cost these. */
  replace(own: readonly ListedPrice[]): void {
    this.#histories = historiesOf([...this.#shipped, ...own]);
    this.#cache = new WeakMap();
    this.#revision++;
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

function historiesOf(prices: readonly ListedPrice[]): ReadonlyMap<string, History> {
  const byModel = new Map<string, ListedPrice[]>();
  for (const price of prices) {
    const key = keyOf(price.provider, price.model);
    const known = byModel.get(key);
    if (known) known.push(price);
    else byModel.set(key, [price]);
  }
  return new Map([...byModel].map(([key, history]) => [key, sorted(history)]));
}

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
