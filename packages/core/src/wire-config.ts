import type { Clock } from "./clock.js";
import { GatewayError, isGatewayError } from "./errors.js";
import type { ConfigurationService } from "./http/services.js";
import { type ResolvedConfig, resolveConfig } from "./options.js";
import { configValues, originOf, withoutSecrets } from "./schemas/config-values.js";
import type { ConfigReload, ConfigView } from "./schemas/config-view.js";
import type { GatewayConfig } from "./schemas/options.js";
import type { RecordAudit } from "./spec/audit.js";
import type { Actor } from "./spec/call.js";
import type { ConfigOptions, ConfigReading, ConfigSource } from "./spec/config-source.js";
import type { Logger } from "./spec/logger.js";
import type { Provider } from "./spec/provider.js";

/** The keys that requests look at anew; everything else was built into something that outlives them. */
const LIVE = [
  "auth.jwtSecret",
  "auth.retiredJwtSecrets",
  "auth.tokenTtlSeconds",
  "cost.alertWebhook",
  "cost.budgets",
  "cost.costAlertThreshold",
  "secrets",
  "terminal.allowSecrets",
  "terminal.checkPeerUser",
  "terminal.connectTimeoutMs",
  "terminal.idleTimeoutMs",
  "terminal.maxLifeMs",
  "terminal.maxSessions",
  "terminal.maxSessionsPerOwner",
  "terminal.mode",
  "terminal.transcripts",
  "providers",
  "models",
  "layers",
  "routing",
  "limits",
  "overload",
  "trustProxy",
  "publicHosts",
  "corsOrigins",
  "outboundProxy",
  "errorFormat",
  "logLevel",
] as const;

/** What {@link Configuration} works with. */
export interface ConfigurationDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly record: RecordAudit;
  /** Null where the application hands its options over itself. */
  readonly source: ConfigSource | null;
  /** What is in force at the start. */
  readonly first: ResolvedConfig;
  /**
   * Builds what a configuration makes of the gateway; what it returns puts that into force and cannot fail.
   * @throws TypeError naming an option; GatewayError `draining`
   */
  prepare(next: ResolvedConfig): () => void;
}

/** Where a configuration comes from, and what stands around it. */
type Origin = Omit<ConfigReading, "options">;
type Values = ReadonlyMap<string, unknown>;

/** The configuration in force, and how another one comes into force: as a whole, or not at all. */
export class Configuration implements ConfigurationService {
  readonly #deps: ConfigurationDeps;
  #config: GatewayConfig;
  #own: ReadonlyMap<string, Provider>;
  #origin: Origin;
  readonly #surroundings: Values;
  #revision = 1;
  #loadedAt: number;
  #restartRequired: readonly string[] = [];
  #error: string | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #queued: Promise<ConfigReload> | null = null;

  constructor(deps: ConfigurationDeps) {
    this.#deps = deps;
    const { first, source } = deps;
    this.#config = first.config;
    this.#own = first.ownProviders;
    this.#origin = source?.first ?? optionsOrigin(first);
    this.#surroundings = valuesOf(this.#origin.surroundings ?? {});
    this.#loadedAt = deps.clock.now();
  }

  view(): ConfigView {
    const { origins, file } = this.#origin;
    const values = [...this.#surroundings, ...valuesOf(this.#config)];
    return {
      file,
      revision: this.#revision,
      loadedAt: new Date(this.#loadedAt).toISOString(),
      restartRequired: [...this.#restartRequired],
      error: this.#error,
      data: values
        .map(([key, value]) => ({
          key,
          value: withoutSecrets(key, value),
          origin: originOf(key, origins),
          live: this.#isLive(key),
        }))
        .sort((one, other) => (one.key < other.key ? -1 : 1)),
    };
  }

  /** One after the other; whoever asks while one waits to begin gets that one's outcome. */
  reload(actor: Actor): Promise<ConfigReload> {
    const { source } = this.#deps;
    if (source === null) {
      const details =
        "this configuration was not read from anywhere; the application changes it with config.reload(options)";
      return Promise.reject(new GatewayError("conflict", { details }));
    }
    this.#queued ??= this.#inTurn(actor, async () => {
      this.#queued = null;
      const reading = await source.read();
      const report = this.#apply(resolveConfig(reading.options), reading);
      source.applied?.(reading);
      return report;
    });
    return this.#queued;
  }

  replace(options: ConfigOptions, actor: Actor): Promise<ConfigReload> {
    return this.#inTurn(actor, () => {
      const asked = resolveConfig(options);
      return this.#apply(asked, optionsOrigin(asked));
    });
  }

  #inTurn(actor: Actor, work: () => ConfigReload | Promise<ConfigReload>): Promise<ConfigReload> {
    const mine = this.#last.then(() => this.#told(actor, work));
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  async #told(actor: Actor, work: () => ConfigReload | Promise<ConfigReload>): Promise<ConfigReload> {
    try {
      const report = await work();
      this.#error = null;
      this.#tell(report, actor);
      return report;
    } catch (thrown) {
      const error = refusal(thrown);
      this.#refused(error, actor);
      throw error;
    }
  }

  /** Everything that can be wrong is found before anything changes. */
  #apply(asked: ResolvedConfig, origin: Origin): ConfigReload {
    const next = LIVE.reduce((config, key) => withKey(config, asked.config, key), this.#config);
    const before = valuesOf(this.#config);
    const after = valuesOf(next);
    const changed = [...differences(before, after), ...this.#replacedProviders(asked.ownProviders)].sort();
    const wanted = new Map([...valuesOf(origin.surroundings ?? {}), ...valuesOf(asked.config)]);
    const restartRequired = differences(new Map([...this.#surroundings, ...after]), wanted).sort();
    if (changed.length > 0) {
      this.#deps.prepare({ ...asked, config: next })();
      this.#config = next;
      this.#own = asked.ownProviders;
      this.#revision++;
      this.#loadedAt = this.#deps.clock.now();
    }
    this.#origin = origin;
    this.#restartRequired = restartRequired;
    return { revision: this.#revision, changed, restartRequired };
  }

  #replacedProviders(own: ReadonlyMap<string, Provider>): readonly string[] {
    const names = new Set([...this.#own.keys(), ...own.keys()]);
    return [...names].filter((name) => this.#own.get(name) !== own.get(name)).map((name) => `providers.${name}`);
  }

  #tell({ revision, changed, restartRequired }: ConfigReload, actor: Actor): void {
    const { logger, record } = this.#deps;
    const waiting = restartRequired.length > 0 ? `; after a restart: ${restartRequired.join(", ")}` : "";
    const details = `${changed.length > 0 ? changed.join(", ") : "nothing changed"}${waiting}`;
    logger.info({ event: "config-reloaded", details }, "the configuration was read again");
    if (changed.length === 0) return;
    const shown = { revision, changed: short(changed.join(", ")), restartRequired: short(restartRequired.join(", ")) };
    record({ action: "config.reload", target: this.#origin.file, details: shown }, actor);
  }

  #refused({ details = "" }: GatewayError, actor: Actor): void {
    this.#error = details;
    const { logger, record } = this.#deps;
    logger.error(
      { event: "config-refused", details },
      "the configuration was not taken over; the one before stays in force",
    );
    const event = { action: "config.reload", target: this.#origin.file, outcome: "failed" } as const;
    record({ ...event, details: { error: short(details) } }, actor);
  }

  #isLive(key: string): boolean {
    return !this.#surroundings.has(key) && LIVE.some((name) => key === name || key.startsWith(`${name}.`));
  }
}

function optionsOrigin({ given }: ResolvedConfig): Origin {
  return { origins: new Map([...valuesOf(given)].map(([key]) => [key, "options"])), file: null };
}

const MAX_DETAIL = 1_000;

function short(text: string): string {
  return text.slice(0, MAX_DETAIL);
}

function valuesOf(settings: object): Values {
  return new Map(Object.keys(settings).length > 0 ? configValues(settings) : []);
}

/** One configuration with what another has under a key, or under a key of a section. */
function withKey(config: GatewayConfig, other: GatewayConfig, path: string): GatewayConfig {
  const [name = "", key] = path.split(".");
  const section = name as keyof GatewayConfig; // LIVE names no others
  if (key === undefined) return { ...config, [section]: other[section] };
  const [before, after] = [config[section], other[section]] as Readonly<Record<string, unknown>>[]; // sections are objects
  return { ...config, [section]: { ...before, [key]: after?.[key] } };
}

/** The keys whose values differ, those that are on one side only among them; not those that have only got keys below them. */
function differences(before: Values, after: Values): string[] {
  const keys = new Set([...before.keys(), ...after.keys()]);
  const differ = [...keys].filter((key) => JSON.stringify(before.get(key)) !== JSON.stringify(after.get(key)));
  return differ.filter((key) => !differ.some((other) => other.startsWith(`${key}.`)));
}

/** `routing.attempts: expected…` and `foo is not…` begin with the key they are about. */
const KEY = /^([\w-]+(?:\.[\w$-]+(?::[\w$-]+)*)*)(?=: | is not | must )/;

function refusal(thrown: unknown): GatewayError {
  if (isGatewayError(thrown)) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const details = message.replace(/^Gateway options: /, "");
  return new GatewayError("invalid_configuration", { details, param: KEY.exec(details)?.[1], cause: thrown });
}
