import type { ProviderConfig } from "../../../schemas/options/provider-config.js";
import type { Provider } from "../../../spec/provider.js";
import { providerFactories } from "../../index.js";
import type { ProviderDeps } from "../http-provider.js";

/**
 * Makes a provider from its configuration, and makes no connection; null where it has not what it needs.
 * @throws TypeError naming the option at fault
 */
export function makeProvider(name: string, config: ProviderConfig, deps: ProviderDeps): Provider | null {
  const { type = name } = config;
  if (isType(type)) return providerFactories[type](name, config, deps);
  const known = Object.keys(providerFactories).join(", ");
  throw new TypeError(`Gateway options: providers.${name}.type must be one of ${known}`);
}

function isType(type: string): type is keyof typeof providerFactories {
  return Object.hasOwn(providerFactories, type);
}
