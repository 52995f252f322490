import { z } from "zod";
import { named } from "./registry.js";

const Keys = z.array(z.string());

export const ConfigValue = named(
  "ConfigValue",
  z.object({
    key: z.string().describe("Dotted path, such as `routing.defaultLayer`."),
    value: z.unknown().describe("What is in force; a secret is masked."),
    origin: z
      .string()
      .describe("Where it comes from, such as `file …` or `environment PORT`; `default` where nobody set it."),
    live: z.boolean().describe("Whether a reload changes it; else it takes a restart."),
  }),
);

export const ConfigView = named(
  "ConfigView",
  z.object({
    file: z.string().nullable().describe("The file it was read from; null for none."),
    revision: z.int().describe("1 at the start, and one more with each reload that changed something."),
    loadedAt: z.iso.datetime().describe("When this revision came into force."),
    restartRequired: Keys.describe("Keys whose new value waits for a restart."),
    error: z
      .string()
      .nullable()
      .describe("Why the last reload was refused, as its answer said; null where it was not."),
    data: z.array(ConfigValue),
  }),
);

/** The configuration in force. */
export type ConfigView = z.infer<typeof ConfigView>;

export const ConfigReload = named(
  "ConfigReload",
  z.object({
    revision: z.int().describe("The revision in force now."),
    changed: Keys.describe("Keys that changed and are in force, for every request from now on."),
    restartRequired: Keys.describe("Keys whose new value waits for a restart."),
  }),
);

/** What a reload came to. */
export type ConfigReload = z.infer<typeof ConfigReload>;
