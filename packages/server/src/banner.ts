import type { Gateway, LayerName } from "@sluice/core";
import type { LoadedConfig } from "./config/load.js";

/** What a person sees after the start. */
export interface BannerInput {
  readonly url: string;
  readonly gateway: Gateway;
  readonly loaded: LoadedConfig;
  readonly dataDir: string | null;
}

/** Keys this release reads and checks, but does not act upon yet. */
const NOT_IN_FORCE = ["limits", "terminal", "redis", "trustProxy", "auth.tokenTtlSeconds", "auth.adminUsername"];

/** The lines printed once the server listens. */
export async function banner(input: BannerInput): Promise<string> {
  const { url, gateway, loaded, dataDir } = input;
  const providers = gateway.providers();
  const real = providers.filter(({ simulated }) => !simulated).map(({ name }) => name);
  const lines = [
    "",
    `  Sluice listens on ${url}  (${loaded.config.mode})`,
    `  Providers: ${real.length > 0 ? real.join(", ") : "none yet; the built-in simulator answers, which is not a language model"}`,
    `  Models kept in: ${dataDir ?? "memory, until the process ends"}`,
    "",
    ...(loaded.config.mode === "development" ? tryIt(url) : productionNote()),
    ...(await nextSteps(input, real)),
    ...notInForce(loaded),
  ];
  return `${lines.join("\n")}\n`;
}

function tryIt(url: string): readonly string[] {
  const body = `{"messages":[{"role":"user","content":"Hello!"}]}`;
  return ["  Try it:", `    curl ${url}/v1/chat/completions -H 'content-type: application/json' -d '${body}'`, ""];
}

function productionNote(): readonly string[] {
  return [
    "  This release has no login and no API keys yet: in production the server answers 401 on everything but",
    "  the public routes (/health, /livez, /readyz, /docs). An application that embeds the gateway gives identities itself.",
    "",
  ];
}

async function nextSteps({ url, gateway, loaded }: BannerInput, real: readonly string[]): Promise<readonly string[]> {
  const { config } = loaded;
  if (real.length === 0) {
    return [
      "  Next: give it a provider, for example",
      "    OPENROUTER_API_KEY=… npm start        (or OPENAI_API_KEY, ANTHROPIC_API_KEY, OSS_LOCAL_BASE_URL)",
      `  Docs: ${url}/docs`,
      "",
    ];
  }
  const missing = await unreachableLayer(gateway, config.routing.defaultLayer, real);
  const hint = missing
    ? [
        `  Next: "auto" finds no model on ${config.routing.defaultLayer}; your providers' models start at ${missing}: set DEFAULT_LAYER=${missing}`,
      ]
    : [];
  return [...hint, `  Docs: ${url}/docs`, ""];
}

/** The lowest layer the configured providers have a model on, where the default layer has none of theirs. */
async function unreachableLayer(
  gateway: Gateway,
  defaultLayer: LayerName,
  real: readonly string[],
): Promise<LayerName | null> {
  const models = (await gateway.models.list()).filter(({ enabled, provider }) => enabled && real.includes(provider));
  if (models.some(({ layer }) => layer === defaultLayer)) return null;
  return models[0]?.layer ?? null;
}

function notInForce({ origins }: LoadedConfig): readonly string[] {
  const set = NOT_IN_FORCE.filter((key) =>
    [...origins.keys()].some((path) => path === key || path.startsWith(`${key}.`)),
  );
  return set.length === 0
    ? []
    : [`  Note: ${set.join(", ")} ${set.length > 1 ? "are" : "is"} set, but not in force in this release.`, ""];
}
