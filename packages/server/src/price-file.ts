import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type ListedPrice, PriceList } from "@sluice/core";
import { ConfigError } from "./config/config-error.js";

const NAME = "prices.json";
const OWNER_ONLY = 0o600;

/** Where a data directory keeps prices. */
export function priceFile(dataDir: string): string {
  return join(dataDir, NAME);
}

/** The prices kept in a data directory; none where none were put there. @throws ConfigError naming what is wrong */
export function keptPrices(dataDir: string): readonly ListedPrice[] {
  const file = priceFile(dataDir);
  return existsSync(file) ? readPrices(file) : [];
}

/** Puts a list of prices into a data directory in the place of the one before. Returns where to. */
export function keepPrices(dataDir: string, prices: readonly ListedPrice[]): string {
  const directory = resolve(dataDir);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = priceFile(directory);
  // A server that starts meanwhile sees the old list or the new one, and never half of it.
  writeFileSync(`${file}.new`, `${JSON.stringify(prices, null, 2)}\n`, { mode: OWNER_ONLY });
  renameSync(`${file}.new`, file);
  return file;
}

/** Reads a list of prices. @throws ConfigError naming the file and the entry that is wrong */
export function readPrices(file: string): readonly ListedPrice[] {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(code ? `${file} cannot be read (${code})` : `${file} is not JSON`);
  }
  const parsed = PriceList.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ConfigError(`${file}: ${issue?.path.join(".") || "the list"}: ${issue?.message ?? "invalid"}`);
}
