import type { z } from "zod";
import type { Clock } from "./clock.js";
import type { GatewayConfigInput } from "./schemas/config-input.js";
import { describeIssue } from "./schemas/describe-issue.js";
import { GatewayConfig } from "./schemas/options.js";
import { type ListedPrice, PriceList } from "./schemas/price-list.js";
import type { ConfigOptions, ConfigSource } from "./spec/config-source.js";
import type { GatewayRequest, Identity, Peer } from "./spec/http.js";
import type { Judge } from "./spec/judge.js";
import type { Limiter } from "./spec/limiter.js";
import type { Logger } from "./spec/logger.js";
import type { FetchMasterKey } from "./spec/master-key.js";
import type { PasswordHasher } from "./spec/password-hasher.js";
import type { Provider } from "./spec/provider.js";
import type { Store } from "./spec/store.js";
import type { TerminalDriver } from "./spec/terminal.js";
import type { TracerProvider } from "./spec/tracing.js";

/** What `new Gateway` takes: the plain data of the configuration file, and the parts an application brings itself. */
export interface GatewayOptions extends ConfigOptions {
  /** Where model changes are kept. @defaultValue memory */
  readonly store?: Store | undefined;
  /**
   * A directory of the gateway's own, for a journal of usage that survives a crash; one process uses it at a time.
   * @defaultValue none: the last rows of a process that is killed are lost
   */
  readonly journalDir?: string | undefined;
  /** Prices of models that carry none of their own; they go before the shipped ones. */
  readonly prices?: readonly ListedPrice[] | undefined;
  /** Counts requests for the limits. @defaultValue one in memory, or in Redis where `redis` is configured */
  readonly limiter?: Limiter | undefined;
  /** Ways to open terminals, in place of the built-in ones of their kind. */
  readonly terminalDrivers?: readonly TerminalDriver[] | undefined;
  /** Time and randomness. @defaultValue the system's */
  readonly clock?: Clock | undefined;
  /** Where to log; a pino logger fits. @defaultValue nowhere */
  readonly logger?: Logger | undefined;
  /**
   * Where spans of model calls go; needs the package `@opentelemetry/api`. @defaultValue the provider registered with
   * OpenTelemetry, before or after this, if any; null: no spans
   */
  readonly tracerProvider?: TracerProvider | null | undefined;
  /** Judges of the application's own, asked before agreement is looked at. @defaultValue none */
  readonly judges?: readonly Judge[] | undefined;
  /** How the passwords of users are kept. @defaultValue scrypt */
  readonly passwordHasher?: PasswordHasher | undefined;
  /**
   * Where the master key comes from, such as a KMS, in place of `secrets.masterKey`: asked when the gateway opens, for 32
   * bytes in hexadecimal or base64. @defaultValue the configuration
   */
  readonly masterKey?: FetchMasterKey | undefined;
  /** Where the options come from, so that `POST /v1/config/reload` reads them anew. @defaultValue nowhere */
  readonly configSource?: ConfigSource | undefined;
  /** The application's own authentication: who makes this request; null for nobody, which is answered 401. */
  readonly identify?:
    | ((request: GatewayRequest, peer: Peer | undefined) => Identity | null | Promise<Identity | null>)
    | undefined;
}

/** What can be changed, with every default filled in. */
export interface ResolvedConfig {
  readonly config: GatewayConfig;
  /** Providers the application brought itself, by name. */
  readonly ownProviders: ReadonlyMap<string, Provider>;
  /** The plain data among what was given. */
  readonly given: GatewayConfigInput;
}

/** Options with every default filled in. */
export interface ResolvedOptions extends ResolvedConfig {
  readonly store: Store | undefined;
  readonly terminalDrivers: readonly TerminalDriver[];
  readonly prices: readonly ListedPrice[];
  readonly journalDir: string | undefined;
  readonly limiter: Limiter | undefined;
  readonly clock: Clock | undefined;
  readonly logger: Logger | undefined;
  readonly tracerProvider: TracerProvider | null | undefined;
  readonly judges: readonly Judge[];
  readonly passwordHasher: PasswordHasher | undefined;
  readonly masterKey: FetchMasterKey | undefined;
  readonly configSource: ConfigSource | undefined;
  readonly identify: GatewayOptions["identify"];
}

/**
 * Checks options and fills in the defaults.
 * @throws TypeError naming the option, never its value
 */
export function resolveOptions(options: GatewayOptions): ResolvedOptions {
  if (typeof options !== "object" || options === null) throw new TypeError("Gateway options: expected an object");
  const {
    store,
    limiter,
    terminalDrivers = [],
    clock,
    logger,
    tracerProvider,
    judges = [],
    passwordHasher,
    masterKey,
    identify,
    prices = [],
    journalDir,
    configSource,
    ...changeable
  } = options;
  const priceList = PriceList.safeParse(prices);
  if (!priceList.success) throw new TypeError(`Gateway options: prices.${describe(priceList.error)}`);
  return {
    ...resolveConfig(changeable),
    store,
    limiter,
    terminalDrivers,
    clock,
    logger,
    tracerProvider,
    judges,
    passwordHasher,
    masterKey,
    configSource,
    identify,
    prices: priceList.data,
    journalDir,
  };
}

/**
 * Checks what can be changed of options and fills in the defaults.
 * @throws TypeError naming the option, never its value
 */
export function resolveConfig({ providers = {}, ...data }: ConfigOptions): ResolvedConfig {
  const ownProviders = new Map<string, Provider>();
  const configured: NonNullable<GatewayConfigInput["providers"]> = {};
  for (const [name, entry] of Object.entries(providers)) {
    if (isProvider(entry)) ownProviders.set(name, entry);
    else configured[name] = entry;
  }
  const given = { ...data, providers: configured };
  const parsed = GatewayConfig.safeParse(given);
  if (!parsed.success) throw new TypeError(`Gateway options: ${describe(parsed.error)}`);
  return { config: parsed.data, ownProviders, given };
}

function isProvider(entry: unknown): entry is Provider {
  return typeof entry === "object" && entry !== null && "send" in entry && typeof entry.send === "function";
}

function describe({ issues }: z.ZodError): string {
  const [issue] = issues;
  if (!issue) return "invalid";
  const { path, problem } = describeIssue(issue);
  const option = path.join(".") || "options";
  return issue.code === "unrecognized_keys" ? `${option} is not an option` : `${option}: ${problem}`;
}
