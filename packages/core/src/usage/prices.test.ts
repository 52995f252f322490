import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultCatalog } from "../models/default-catalog.js";
import type { UnitPrice } from "../schemas/ledger.js";
import type { Model } from "../schemas/model.js";
import type { Usage } from "../spec/usage.js";
import { costOf } from "./cost.js";
import { decimalDollars, dollars, picodollars } from "./money.js";
import { Prices } from "./prices.js";
import { shippedPrices } from "./shipped-prices.js";

const [anyModel] = defaultCatalog() as [Model];
const model = (fields: Partial<Model>): Model => ({ ...anyModel, provider: "p", apiModelName: "m", ...fields });
const day = (text: string) => Date.parse(text);
const usage = (counts: Partial<Usage>): Usage => ({
  input: 0,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  output: 0,
  reasoning: 0,
  ...counts,
});

describe("Prices", () => {
  it("ships a dated price with its source for every chat model of the catalogue", () => {
    const prices = new Prices(shippedPrices());
    for (const each of defaultCatalog().filter(({ operations, provider }) => !operations && provider !== "simulator")) {
      const price = prices.of(each, day("2026-11-26"));
      expect(price, each.id).toMatchObject({
        asOf: expect.stringMatching(/^202\d-/),
        source: expect.stringMatching(/^https:/),
      });
    }
  });

  it("knows no price for a model nobody listed, which is not the same as none to pay", () => {
    expect(new Prices(shippedPrices()).of(model({ provider: "elsewhere" }), 0)).toBeNull();
  });

  it("takes a model's own price before the list's", () => {
    const prices = new Prices([{ provider: "p", model: "m", inputPerMTok: 1, outputPerMTok: 1 }]);
    expect(prices.of(model({ price: { inputPerMTok: 2, outputPerMTok: 4 } }), 0)).toMatchObject({
      input: 2e6,
      output: 4e6,
    });
  });

  it("takes the price of the day, as long as the day lasts", () => {
    const at = (asOf: string, inputPerMTok: number) => ({
      provider: "p",
      model: "m",
      asOf,
      inputPerMTok,
      outputPerMTok: 0,
    });
    const prices = new Prices([at("2026-06-01", 2), at("2026-01-01", 1)], [at("2026-06-01", 3)]);
    const same = model({});
    expect(prices.of(same, day("2025-12-31"))?.input).toBe(1e6);
    expect(prices.of(same, day("2026-05-31"))?.input).toBe(1e6);
    expect(prices.of(same, day("2026-06-01"))?.input).toBe(3e6);
  });

  it("has prices for whatever a provider serves, after those of single models", () => {
    const prices = new Prices([
      { provider: "p", model: "*", inputPerMTok: 0, outputPerMTok: 0 },
      { provider: "p", model: "m", inputPerMTok: 1, outputPerMTok: 1 },
    ]);
    expect(prices.of(model({ apiModelName: "another" }), 0)?.input).toBe(0);
    expect(prices.of(model({}), 0)?.input).toBe(1e6);
  });

  it("can be replaced, all but the shipped ones", () => {
    const listed = (input: number, name: string) => ({
      provider: "p",
      model: name,
      inputPerMTok: input,
      outputPerMTok: 0,
    });
    const prices = new Prices([listed(1, "m"), listed(1, "shipped")], [listed(2, "m"), listed(2, "gone")]);
    const [asked, shipped, gone] = ["m", "shipped", "gone"].map((apiModelName) => model({ apiModelName }));
    const now = () => [asked, shipped, gone].map((each) => each && (prices.of(each, 0)?.input ?? null));
    expect(now()).toEqual([2_000_000, 1_000_000, 2_000_000]);
    prices.replace([listed(3, "m")]);
    expect(now()).toEqual([3_000_000, 1_000_000, null]);
  });

  it("prices caches as input where nothing else is said, and an hour's cache not at all", () => {
    const price = new Prices([{ provider: "p", model: "m", inputPerMTok: 2, outputPerMTok: 0 }]).of(model({}), 0);
    expect(price).toMatchObject({ cacheRead: 2e6, cacheWrite5m: 2e6, cacheWrite1h: null });
  });
});

describe("cost", () => {
  const unit: fc.Arbitrary<UnitPrice> = fc.record({
    input: fc.nat(75_000_000),
    output: fc.nat(75_000_000),
    cacheRead: fc.nat(75_000_000),
    cacheWrite5m: fc.nat(75_000_000),
    cacheWrite1h: fc.nat(75_000_000),
    maxPromptTokens: fc.constant(null),
    asOf: fc.constant(null),
    source: fc.constant(null),
  });
  const count = fc.nat(2_000_000);
  const counts = fc.record({
    input: count,
    cacheRead: count,
    cacheWrite5m: count,
    cacheWrite1h: count,
    output: count,
    reasoning: count,
  });

  it("is the sum of buckets times prices, exactly", () => {
    fc.assert(
      fc.property(counts, unit, (used, price) => {
        const exact =
          BigInt(used.input) * BigInt(price.input) +
          BigInt(used.cacheRead) * BigInt(price.cacheRead) +
          BigInt(used.cacheWrite5m) * BigInt(price.cacheWrite5m) +
          BigInt(used.cacheWrite1h) * BigInt(price.cacheWrite1h ?? 0) +
          BigInt(used.output) * BigInt(price.output);
        expect(BigInt(costOf(used, price) ?? -1)).toBe(exact);
      }),
    );
  });

  it("is unknown for a bucket without a price, a prompt too long for the price, and counts that cannot be", () => {
    const price: UnitPrice = { ...ZERO, input: 1, cacheWrite1h: null, maxPromptTokens: 100 };
    expect(costOf(usage({ input: 99, cacheRead: 1 }), price)).toBe(99);
    expect(costOf(usage({ input: 100, cacheRead: 1 }), price)).toBeNull();
    expect(costOf(usage({ cacheWrite1h: 1 }), price)).toBeNull();
    expect(costOf(usage({ output: Number.MAX_SAFE_INTEGER }), { ...ZERO, output: 2 })).toBeNull();
  });

  it("reads and prints dollars without loss", () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31 - 1), fc.nat(999_999), (high, low) => {
        const pico = high * 1e6 + low;
        expect(picodollars(Number(decimalDollars(pico)))).toBe(pico);
        expect(picodollars(dollars(pico))).toBe(pico);
      }),
    );
    expect(decimalDollars(0)).toBe("0");
    expect(decimalDollars(1)).toBe("0.000000000001");
    expect(decimalDollars(12_345_678_900_000n * 1_000n)).toBe("12345.6789");
    expect([picodollars(Number.NaN), picodollars(-1), picodollars(1e300)]).toEqual([null, null, null]);
  });
});

const ZERO: UnitPrice = {
  input: 0,
  output: 0,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  maxPromptTokens: null,
  asOf: null,
  source: null,
};
