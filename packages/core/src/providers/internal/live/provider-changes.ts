import type { Clock } from "../../../clock.js";
import { GatewayError } from "../../../errors.js";
import type { ProviderConfig } from "../../../schemas/options/provider-config.js";
import type { GatewayConfig } from "../../../schemas/options.js";
import {
  NewProvider,
  PROVIDERS,
  ProviderPatch,
  type ProviderSecrets,
  type ProviderView,
  type StoredProvider,
} from "../../../schemas/provider.js";
import { validate } from "../../../schemas/validate.js";
import type { Sealer } from "../../../secrets/sealer.js";
import type { RecordAudit } from "../../../spec/audit.js";
import type { Actor } from "../../../spec/call.js";
import type { Provider } from "../../../spec/provider.js";
import type { ProviderDeps } from "../http-provider.js";
import { keysOf } from "../key-pool.js";
import { makeProvider } from "./make-provider.js";
import { laidOver, type ProviderOverlay, type ProviderSource, seedsOf } from "./provider-overlay.js";

/** A provider by its name, on or off. */
export interface HeldProvider extends ProviderSource {
  /** Null where it is off. */
  readonly provider: Provider | null;
}

/** The providers as they are now. */
export interface HeldProviders {
  readonly held: ReadonlyMap<string, HeldProvider>;
  readonly sources: {
    readonly config: Pick<GatewayConfig, "providers" | "outboundProxy">;
    /** Those the application brought itself. */
    readonly own: ReadonlyMap<string, Provider>;
  };
}

/** What {@link ProviderChanges} works with. */
export interface ProviderChangesDeps {
  readonly now: () => HeldProviders;
  readonly overlay: ProviderOverlay;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly audit: RecordAudit;
  /** Whether a provider of that name answers calls. */
  readonly isHealthy: (name: string) => boolean;
}

/** So long a key tells nobody much by its last four characters. */
const MIN_SHOWN_LENGTH = 16;

/** Shows providers, never their secrets, and changes them while calls run. */
export class ProviderChanges {
  readonly #deps: ProviderChangesDeps;

  constructor(deps: ProviderChangesDeps) {
    this.#deps = deps;
  }

  /** Every provider, in order of the configuration. */
  list(): readonly ProviderView[] {
    return [...this.#deps.now().held.keys()].map((id) => this.get(id));
  }

  /** @throws GatewayError `not_found` */
  get(id: string): ProviderView {
    const held = this.#deps.now().held.get(id);
    if (!held) throw notFound(id);
    const { stored, problem } = held;
    const config = held.config ?? {};
    const isOn = held.provider !== null;
    return {
      id,
      type: this.#isOwn(id) ? null : (config.type ?? stored?.type ?? this.#seed(id)?.type ?? id),
      source: this.#sourceOf(id, stored),
      on: isOn,
      problem,
      healthy: isOn && this.#deps.isHealthy(id),
      baseUrl: config.baseUrl ?? null,
      apiKeys: keysOf(config.apiKey).map(endOf),
      headers: Object.keys(config.headers ?? {}),
      timeouts: config.timeouts ?? {},
      concurrency: config.concurrency ?? null,
      includeUsage: config.includeUsage ?? true,
      version: config.version ?? null,
      siteUrl: config.siteUrl ?? null,
      siteName: config.siteName ?? null,
      latencyMs: config.latencyMs ?? null,
      changedAt: stored?.changedAt ?? null,
    };
  }

  /** @throws GatewayError `invalid_request`, `conflict`, `not_configured`, `store_unavailable` */
  async create(input: NewProvider, actor: Actor): Promise<ProviderView> {
    const { id, type = id, apiKey, headers, ...settings } = validate(NewProvider, input);
    const { overlay } = this.#deps;
    this.#assertChangeable(id);
    this.#assertMakes(id, laidOver({ type }, { ...settings, apiKey, headers }));
    const stored = this.#sealed({ id, type, settings, sealed: null }, { apiKey, headers });
    await overlay.changes.update(id, (current) => {
      if (current || (current === undefined && this.#seed(id))) {
        throw new GatewayError("conflict", { param: "id", details: `there is a provider ${id} already` });
      }
      return stored;
    });
    this.#record("provider.create", stored, input, actor);
    return this.get(id);
  }

  /** @throws GatewayError `not_found`, `invalid_request`, `conflict`, `not_configured`, `store_unavailable` */
  async update(id: string, input: ProviderPatch, actor: Actor): Promise<ProviderView> {
    const patch = validate(ProviderPatch, input);
    const { overlay } = this.#deps;
    this.#assertChangeable(id);
    const stored = await overlay.changes.update(id, (current) => {
      const base = current === undefined && this.#seed(id) ? unchanged(id) : current;
      if (!base) throw notFound(id);
      return this.#patched(base, patch);
    });
    this.#record("provider.update", stored, input, actor);
    return this.get(id);
  }

  /** Takes it out of service; calls that run on it are finished. @throws GatewayError `not_found`, `conflict`, `store_unavailable` */
  async remove(id: string, actor: Actor): Promise<void> {
    const { overlay, audit } = this.#deps;
    this.#assertChangeable(id);
    await overlay.changes.update(id, (current) => {
      const seeded = this.#seed(id) !== undefined;
      if (current === null || (current === undefined && !seeded)) throw notFound(id);
      return seeded ? null : undefined;
    });
    audit({ action: "provider.delete", target: id }, actor);
  }

  /** Forgets every change. @throws GatewayError `store_unavailable` */
  async reset(actor: Actor): Promise<void> {
    await this.#deps.overlay.changes.reset();
    this.#deps.audit({ action: "provider.reset", target: null }, actor);
  }

  /** Brings what older master keys have sealed under the current one. Returns how many were changed. @throws GatewayError `not_configured`, `store_unavailable` */
  reseal(): Promise<number> {
    return this.#deps.sealer.resealAll(this.#deps.overlay.changes, PROVIDERS.name);
  }

  /** What the configuration says of it. */
  #seed(id: string): ProviderConfig | undefined {
    return this.#isOwn(id) ? undefined : seedsOf(this.#deps.now().sources.config.providers)[id];
  }

  #isOwn(id: string): boolean {
    return this.#deps.now().sources.own.has(id);
  }

  #sourceOf(id: string, stored: StoredProvider | null): ProviderView["source"] {
    if (this.#isOwn(id)) return "application";
    if (stored) return stored.type === null ? "changed" : "created";
    return Object.hasOwn(this.#deps.now().sources.config.providers, id) ? "configuration" : "built-in";
  }

  #patched(base: StoredProvider, patch: ProviderPatch): StoredProvider {
    const { overlay } = this.#deps;
    const { id: named, type, apiKey, headers, ...settings } = patch;
    const before = overlay.effective(base, this.#seed(base.id));
    const isType = before.type ?? base.id;
    if (named !== undefined && named !== base.id) throw fixed("id");
    if (type !== undefined && type !== isType) throw fixed("type");
    const secrets = { ...overlay.secretsOf(base), ...said({ apiKey, headers }) };
    const next = { ...base, settings: { ...base.settings, ...said(settings) } };
    const after = laidOver(base.type === null ? (this.#seed(base.id) ?? {}) : { type: base.type }, {
      ...next.settings,
      ...secrets,
    });
    assertSameHost(before, after, patch);
    this.#assertMakes(base.id, after);
    return this.#sealed(next, secrets);
  }

  /** The entry with its secrets sealed; those that are null are told in the open. */
  #sealed(stored: Omit<StoredProvider, "changedAt">, secrets: ProviderSecrets): StoredProvider {
    const { sealer, clock } = this.#deps;
    const { apiKey, headers } = secrets;
    const kept = said({ apiKey: apiKey ?? undefined, headers: headers ?? undefined });
    const gone = said({ apiKey: apiKey === null ? null : undefined, headers: headers === null ? null : undefined });
    const { apiKey: _key, headers: _headers, ...settings } = stored.settings;
    const place = { kind: PROVIDERS.name, id: stored.id };
    const sealed = Object.keys(kept).length > 0 ? sealer.seal(kept, place) : null;
    return { ...stored, settings: { ...settings, ...gone }, sealed, changedAt: new Date(clock.now()).toISOString() };
  }

  #assertChangeable(id: string): void {
    if (!this.#isOwn(id)) return;
    throw new GatewayError("conflict", { param: "id", details: `${id} is the application's own and changed there` });
  }

  /** @throws GatewayError `invalid_request` for what a provider cannot be made from */
  #assertMakes(id: string, config: ProviderConfig): void {
    try {
      const { clock, now } = this.#deps;
      const { outboundProxy } = now().sources.config;
      void makeProvider(id, config, { clock, outboundProxy } satisfies ProviderDeps)?.close?.();
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      const [, param, problem] = /providers\.[^ ]*\.(\w+) (.*)$/.exec(error.message) ?? [];
      throw new GatewayError("invalid_request", { param, details: param ? `${param}: ${problem}` : error.message });
    }
  }

  /** The host is told, since that is where the key goes. */
  #record(action: string, { id, settings }: StoredProvider, input: object, actor: Actor): void {
    const fields = Object.keys(input).join(",").slice(0, 500);
    const { baseUrl } = settings;
    this.#deps.audit({ action, target: id, details: { fields, ...(baseUrl ? { baseUrl } : {}) } }, actor);
  }
}

/** What stands for no change yet of a configured provider. */
function unchanged(id: string): StoredProvider {
  return { id, type: null, settings: {}, sealed: null, changedAt: "" };
}

/** A key was given for one host: somebody who may change the address, but does not know the key, must not get it sent. */
function assertSameHost(before: ProviderConfig, after: ProviderConfig, patch: ProviderPatch): void {
  if (originOf(before) === originOf(after)) return;
  for (const field of ["apiKey", "headers"] as const) {
    if (after[field] === undefined || patch[field] !== undefined) continue;
    throw new GatewayError("invalid_request", {
      param: field,
      details: `${field}: must be given anew, or null, with another host in baseUrl`,
    });
  }
}

function originOf({ baseUrl }: ProviderConfig): string | null {
  return baseUrl ? new URL(baseUrl).origin : null;
}

function endOf(key: string): string {
  return key.length < MIN_SHOWN_LENGTH ? "…" : `…${key.slice(-4)}`;
}

/** The fields that say something; null does. */
function said<Fields extends object>(fields: Fields): { [Name in keyof Fields]: Exclude<Fields[Name], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Name in keyof Fields]: Exclude<Fields[Name], undefined> }; // what is left
}

function fixed(param: string): GatewayError {
  return new GatewayError("invalid_request", { param, details: `${param}: cannot be changed; make another provider` });
}

function notFound(id: string): GatewayError {
  return new GatewayError("not_found", { details: `there is no provider ${id.slice(0, 64)}` });
}
