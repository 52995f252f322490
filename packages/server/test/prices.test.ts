import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Gateway } from "@sluice/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keepPrices, keptPrices, readPrices } from "../src/price-file.js";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "sluice-prices-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const PRICE = { provider: "openai", model: "gpt-5.6-sol", asOf: "2026-11-01", inputPerMTok: 7, outputPerMTok: 9 };

describe("the price file of a data directory", () => {
  it("is none until prices are put there, and then goes before the built-in list", async () => {
    expect(keptPrices(directory)).toEqual([]);
    keepPrices(directory, [PRICE]);
    expect(keptPrices(directory)).toEqual([PRICE]);
    const gateway = new Gateway({ prices: keptPrices(directory) });
    const { provider: _provider, model: _model, ...price } = PRICE;
    expect((await gateway.models.get("openai-gpt-5.6-sol")).price).toEqual(price);
    await gateway.close();
  });

  it.each([
    ["{", /is not JSON$/],
    ["{}", /the list: /],
    [JSON.stringify([{ ...PRICE, inputPerMTok: "7" }]), /0\.inputPerMTok: /],
    [JSON.stringify([{ ...PRICE, currency: "EUR" }]), /currency/],
  ])("refuses %s and says what is wrong", (text, problem) => {
    const file = join(directory, "list.json");
    writeFileSync(file, text);
    expect(() => readPrices(file)).toThrow(problem);
    expect(() => readPrices(join(directory, "none.json"))).toThrow(/ENOENT/);
  });

  it("is never half written", () => {
    keepPrices(directory, [PRICE]);
    expect(JSON.parse(readFileSync(join(directory, "prices.json"), "utf8"))).toEqual([PRICE]);
    expect(() => readFileSync(join(directory, "prices.json.new"))).toThrow(/ENOENT/);
  });
});
