import { z } from "zod";
import type { EntryKind } from "../spec/store.js";
import { TimeoutsPatch } from "./model.js";
import { HeaderName, ProviderConfig, ProviderName, Url } from "./options/provider-config.js";
import { named } from "./registry.js";

/** Headers that the connection and the body decide on, not whoever configures them. */
const NOT_CONFIGURED =
  /^(?:host|connection|keep-alive|transfer-encoding|content-(?:length|type|encoding)|accept-encoding|expect|upgrade|te|trailer)$/i;
const MAX_HEADERS = 64;
/** It goes into a header (RFC 9110 5.5). */
const Printable = z
  .string()
  .max(8_192)
  .regex(/^[\t\x20-\x7e]*$/, "must be printable characters");

const ApiKey = Printable.regex(/^\S+$/, "must not be empty, nor hold spaces");
const Headers = z
  .record(HeaderName.regex(/^(?!__proto__$)/, "must be a header name"), Printable)
  .refine(
    (headers) => !Object.keys(headers).some((name) => NOT_CONFIGURED.test(name)),
    "names one of the connection's own",
  )
  .refine((headers) => Object.keys(headers).length <= MAX_HEADERS, `at most ${MAX_HEADERS} headers`);

const { concurrency, includeUsage, version, latencyMs } = ProviderConfig.shape;

/** What sets a provider apart, besides its secrets. In a patch, and where it stands over the configuration, null clears. */
const settings = {
  baseUrl: Url.nullish().describe("Where the provider's API starts; default: that of its type, where it has one."),
  timeouts: TimeoutsPatch.nullish().describe("Timers that replace `routing.timeouts` for this provider."),
  concurrency,
  includeUsage: includeUsage.nullable().describe("Whether streams are asked for usage; default true."),
  version: version.nullable().describe("anthropic only: the `anthropic-version` to speak; default 2023-06-01."),
  siteUrl: Url.nullish().describe("openrouter only: sent as `HTTP-Referer`."),
  siteName: Printable.max(200).nullish().describe("openrouter only: sent as `X-Title`."),
  latencyMs: latencyMs.nullable().describe("simulator only: wait before each answer."),
};

const secrets = {
  apiKey: z
    .union([ApiKey, z.array(ApiKey).min(1).max(100)])
    .nullish()
    .describe("The key, or a list of keys used in turn. Never shown again, but for the end of it."),
  headers: Headers.nullish().describe("Further request headers. Their values are never shown again."),
};

/** What is sealed of a provider. */
export const ProviderSecrets = z.object(secrets);

/** What is sealed of a provider. */
export type ProviderSecrets = z.infer<typeof ProviderSecrets>;

/** A provider as it is stored. */
export const StoredProvider = z.object({
  id: ProviderName,
  /** Null for a change of one that the configuration has, which says what is not said here. */
  type: z.string().nullable(),
  /** A secret that the configuration has and that is taken away stands here, as null. */
  settings: z.object({ ...settings, apiKey: z.null().optional(), headers: z.null().optional() }),
  /** {@link ProviderSecrets} under the master key; null for none. */
  sealed: z.string().nullable(),
  changedAt: z.iso.datetime(),
});

/** A provider as it is stored. */
export type StoredProvider = z.infer<typeof StoredProvider>;

/** Changes of the providers, over what the configuration seeds. */
export const PROVIDERS: EntryKind<StoredProvider> = {
  name: "providers",
  schema: StoredProvider,
  idOf: ({ id }) => id,
};

const type = z.string().max(64).describe("Which built-in provider this is; default: the `id`.");

export const NewProvider = named(
  "NewProvider",
  z.object({
    id: ProviderName.describe("Its name, which models refer to."),
    type: type.optional(),
    ...settings,
    ...secrets,
  }),
);

/** What `providers.create` takes. */
export type NewProvider = z.input<typeof NewProvider>;

export const ProviderPatch = named(
  "ProviderPatch",
  z
    .object({ id: z.string().optional(), type: type.optional(), ...settings, ...secrets })
    .describe(
      "Any subset of a provider's fields; null clears one. `id` and `type`, if given, must be what they are. With another " +
        "host in `baseUrl` its key and headers have to be given anew: they are never sent to a host they were not given for.",
    ),
);

/** What `providers.update` takes. */
export type ProviderPatch = z.input<typeof ProviderPatch>;

export const ProviderView = named(
  "Provider",
  z.object({
    id: z.string(),
    type: z.string().nullable().describe("Null for an application's own."),
    source: z
      .enum(["built-in", "configuration", "changed", "created", "application"])
      .describe(
        "`configuration`: as configured; `changed`: configured, and changed at run time; `created` at run time; " +
          "`application`: the embedding application's own, which cannot be changed here.",
      ),
    on: z.boolean().describe("Whether it can be called."),
    problem: z.string().nullable().describe("Why it cannot; null where it can."),
    healthy: z.boolean().describe("On, and not every one of its models rests after failures."),
    baseUrl: z.string().nullable().describe("Null: that of its type."),
    apiKeys: z.array(z.string()).describe("How each key ends, to know it by."),
    headers: z.array(z.string()).describe("Names of the further request headers."),
    timeouts: TimeoutsPatch,
    concurrency: z.int().nullable(),
    includeUsage: z.boolean(),
    version: z.string().nullable(),
    siteUrl: z.string().nullable(),
    siteName: z.string().nullable(),
    latencyMs: z.int().nullable(),
    changedAt: z.iso.datetime().nullable().describe("When it was last changed at run time; null: never."),
  }),
);

/** A provider as answers show it: never its secrets. */
export type ProviderView = z.infer<typeof ProviderView>;

export const ProviderList = named("ProviderList", z.object({ data: z.array(ProviderView) }));
