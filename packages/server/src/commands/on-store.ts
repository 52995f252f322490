import type { Gateway } from "@sluice/core";
import { ConfigError } from "../config/config-error.js";
import type { Flags } from "../config/load.js";
import { loadConfig } from "../config.js";
import { withKeptMasterKey } from "../development-secrets.js";
import { gatewayOf } from "../gateway-of.js";
import { bareStoreOf } from "../store-of.js";

/** Works on what the store has, also while a server runs on it, which takes changes up within a second. */
export async function onStore(flags: Flags, work: (gateway: Gateway) => Promise<void>): Promise<void> {
  const { config } = loadConfig(flags);
  if (config.store === "memory") throw new ConfigError("store: memory keeps nothing");
  const gateway = gatewayOf(withKeptMasterKey(config), { store: bareStoreOf(config) });
  try {
    await gateway.ready();
    await work(gateway);
  } finally {
    await gateway.close();
  }
}
