import { Gateway } from "@sluice/core";
import { reversingProvider } from "./reversing-provider.mjs";

/** A gateway with a provider of the application's own, tried first; the others take over where it fails. */
export function buildApp({ providers, models = [], ...options } = {}) {
  const gateway = new Gateway({
    providers: { mine: reversingProvider("mine"), ...providers },
    models: [{ id: "reverse", provider: "mine", apiModelName: "reverse-1", layer: "L0", priority: -1 }, ...models],
    ...options,
  });
  return { gateway };
}
