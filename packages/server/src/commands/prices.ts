import { resolve } from "node:path";
import { ConfigError } from "../config/config-error.js";
import type { Flags } from "../config/load.js";
import { loadConfig } from "../config.js";
import { keepPrices, readPrices } from "../price-file.js";

/** `sluice prices update --from FILE`: keeps a list of prices in the data directory; it goes before the built-in one. */
export function updatePrices(flags: Flags & { readonly from?: string | undefined }): void {
  if (flags.from === undefined) throw new ConfigError("prices update needs --from FILE");
  const { config } = loadConfig(flags);
  const prices = readPrices(resolve(flags.from));
  const file = keepPrices(config.dataDir, prices);
  const models = new Set(prices.map(({ provider, model }) => `${provider}/${model}`)).size;
  process.stdout.write(
    `Kept ${prices.length} price${prices.length === 1 ? "" : "s"} of ${models} model${models === 1 ? "" : "s"} in ${file}. A running server takes them up at once.\n`,
  );
}
