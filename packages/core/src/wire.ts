import type { EventEmitter } from "eventemitter3";
import { type Clock, systemClock } from "./clock.js";
import { ChatCall } from "./dialects/chat-call.js";
import { ForwardCall } from "./dialects/forward-call.js";
import type { ChatData, ForwardData, ModelCall } from "./dialects/model-call.js";
import { GatewayError } from "./errors.js";
import { type Handler, pathOf } from "./http/handler.js";
import { healthReport } from "./http/health-report.js";
import { createMatcher } from "./http/match.js";
import { openapiDocument } from "./http/openapi.js";
import { routes } from "./http/routes/index.js";
import { answerCarried } from "./http/routes/terminal.js";
import type { Services } from "./http/services.js";
import { type CallSize, Leases } from "./limits/internal/leases.js";
import { memoryUse } from "./limits/internal/memory-use.js";
import { Overload } from "./limits/internal/overload.js";
import { sharedLimiter } from "./limits/internal/shared-limiter.js";
import { memoryLimiter } from "./limits/memory.js";
import type { McpGateway, McpServer } from "./mcp.js";
import { auditedModels } from "./models/audited-models.js";
import { ModelCatalog, modelNotFound } from "./models/catalog.js";
import { defaultCatalog } from "./models/default-catalog.js";
import { Discovery } from "./models/discovery.js";
import { type GatewayOptions, type ResolvedOptions, resolveOptions } from "./options.js";
import { ProviderChanges } from "./providers/internal/live/provider-changes.js";
import { ProviderOverlay } from "./providers/internal/live/provider-overlay.js";
import { redisClient } from "./redis/connect.js";
import { RedisChannel } from "./redis/redis-channel.js";
import { RedisLink } from "./redis/redis-link.js";
import { RedisMailbox } from "./redis/redis-mailbox.js";
import { seenBy } from "./routing/caller-rights.js";
import { KeptOutcomes } from "./routing/pre-route/kept-outcomes.js";
import { PreRoute } from "./routing/pre-route/pre-route.js";
import { RestingModels } from "./routing/rest.js";
import { TimerWheel } from "./routing/timers.js";
import { WarmPrefixes } from "./routing/warm-prefixes.js";
import type { Health } from "./schemas/health.js";
import type { Model } from "./schemas/model.js";
import type { GatewayConfig } from "./schemas/options.js";
import { KnownSecrets } from "./secrets/known-secrets.js";
import { configuredMasterKeys, fetchedMasterKeys, type MasterKeys, passingMasterKeys } from "./secrets/master-keys.js";
import { Sealer } from "./secrets/sealer.js";
import type { CallContext } from "./spec/call.js";
import type { Emit, GatewayEvents } from "./spec/events.js";
import type { GatewayResponse, Identity } from "./spec/http.js";
import type { Limiter } from "./spec/limiter.js";
import { type Logger, silentLogger } from "./spec/logger.js";
import type { Store } from "./spec/store.js";
import { memoryStore } from "./stores/memory.js";
import { auditedAlerts, auditedBudgets } from "./usage/budgets/audited.js";
import { Ledger } from "./usage/ledger.js";
import { Prices } from "./usage/prices.js";
import { rowIds } from "./usage/row-ids.js";
import { shippedPrices } from "./usage/shipped-prices.js";
import { strongestModel } from "./usage/strongest.js";
import { usageBook } from "./usage/usage-book.js";
import { UsageReports } from "./usage/usage-reports.js";
import { VERSION } from "./version.js";
import { wireBudgets } from "./wire-budgets.js";
import { Configuration } from "./wire-config.js";
import { type Foundation, type Generation, wireGeneration } from "./wire-generation.js";
import { wireIdentity } from "./wire-identity.js";
import { wireMcp } from "./wire-mcp.js";
import { Notices } from "./wire-notices.js";
import { buildProviders, failingOf } from "./wire-providers.js";
import { Succession } from "./wire-succession.js";
import { type SharedTerminals, wireTerminals } from "./wire-terminals.js";

/** A gateway's parts, behind its public face. */
export interface Internals {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly services: Services;
  readonly handle: Handler;
  serves(target: string): boolean;
  /** Counts a call made on somebody's behalf. @throws GatewayError `rate_limit_exceeded` */
  charge(identity: Identity): Promise<void>;
  health(): Promise<Health>;
  openapi(): object;
  /** Brings every kept secret under the current master key. @throws GatewayError `not_configured`, `store_unavailable` */
  reseal(): Promise<number>;
  /** An MCP server for one client. */
  mcp(identity: Identity | undefined): Promise<McpServer>;
  open(): Promise<void>;
  drain(): void;
  close(graceMs: number): Promise<void>;
}

/** Builds everything a gateway is made of. The only place that constructs anything; does no I/O. */
export function wire(options: GatewayOptions, gateway: EventEmitter<GatewayEvents> & McpGateway): Internals {
  const resolved = resolveOptions(options);
  const { config } = resolved;
  const clock = resolved.clock ?? systemClock();
  const known = new KnownSecrets();
  const logger = known.guard(resolved.logger ?? silentLogger);
  const redis = redisLink(config, clock, logger);
  const notices = new Notices(redis && redisChannel(config, redis, clock, logger));
  const store = notices.around(resolved.store ?? memoryStore());
  const masterKeys = masterKeysFor(resolved, store);
  const sealer = new Sealer(masterKeys, (secrets) => known.add(secrets));
  const emit = emitting(gateway, logger);
  const overlay = new ProviderOverlay({
    store,
    sealer,
    onChange: () => renewProviders(),
    onError: (error) => logger.error({ err: error }, "a change of providers could not be taken up"),
  });
  const providers = buildProviders({ config, own: resolved.ownProviders, overlay, clock });
  let generations: Succession; // set at the end, before anybody can ask

  const seedsOf = catalogueSeeds(clock);
  const identity = wireIdentity({
    config,
    store,
    clock,
    logger,
    passwordHasher: resolved.passwordHasher,
    redis,
    notices,
    journalDir: resolved.journalDir ?? null,
  });
  const catalog = new ModelCatalog({
    seeds: seedsOf(config),
    store,
    clock,
    providerNames: () => generations.current.providers.knownNames,
    onError: (error) => logger.error({ err: error }, "could not read what another instance changed"),
  });
  const discovery = new Discovery({
    publish: (models) => catalog.setDiscovered(models),
    clock,
    logger,
  });
  const resting = new RestingModels(clock);
  const prices = new Prices(shippedPrices(), resolved.prices);
  const { book, flush } = usageBook({
    clock,
    logger,
    store: store.usage,
    enabled: config.cost.enableCostTracking,
    journalDir: resolved.journalDir ?? null,
    durability: config.usage.durability,
  });
  const money = wireBudgets({ config, store, clock, logger, emit, redis, flush });
  const { budgets, alerts } = money;
  const ledger = new Ledger({
    clock,
    prices,
    book,
    budgets,
    newId: rowIds(clock),
    strongest: strongestModel({
      prices,
      models: () => catalog.list(),
      usable: ({ enabled, layer, provider }) =>
        enabled && generations.current.layerEnabled(layer) && generations.current.providers.isReal(provider),
      now: () => clock.now(),
    }),
  });
  const preRoute = new PreRoute(config.routing.strongShare);
  const outcomes = new KeptOutcomes({ preRoute, store, clock, logger });
  const leases = new Leases({ clock, link: redis, instances: config.instances }, config.limits);
  const priced = (model: Model) => prices.priced(model, clock.now());
  const changes = auditedModels(catalog, identity.record);
  const terminals = wireTerminals({
    config: config.terminal,
    ownDrivers: resolved.terminalDrivers,
    store,
    sealer,
    clock,
    logger,
    record: identity.record,
    shared: sharedTerminals(config, redis, {
      mailbox: (name) => redisMailbox(config, name, clock, logger),
      serve: (call, left) => answerCarried(generations.current.services, call, left),
    }),
  });
  const providerChanges = new ProviderChanges({
    now: () => generations.current.providers,
    overlay,
    sealer,
    clock,
    audit: identity.record,
    isHealthy: (name) => !failingOf(catalog.list(), resting).has(name),
  });
  const mcp = wireMcp({ config, gateway, clock, record: identity.record });
  const overload = new Overload(
    { clock, logger, running: () => generations.running, memory: memoryUse },
    config.overload,
  );
  /** Where every model call begins, whoever makes it. */
  function respond(call: ModelCall, context: CallContext): Promise<GatewayResponse> {
    overload.admit();
    return generations.current.calls.respond(call, context);
  }

  let phase: "starting" | "ready" | "draining" = "starting";
  const services: Foundation["services"] = {
    clock,
    logger,
    models: {
      list: (reader) => seenBy(reader, catalog.list()).map(priced),
      get: (id, reader) => {
        const [model] = seenBy(reader, [catalog.get(id)]);
        if (model) return priced(model);
        throw modelNotFound(id);
      },
      create: async (model, actor) => priced(await changes.create(model, actor)),
      update: async (id, patch, actor) => priced(await changes.update(id, patch, actor)),
      remove: (id, actor) => changes.remove(id, actor),
      setPrices(list, actor = {}) {
        prices.replace(list);
        identity.record({ action: "prices.update", target: null, details: { prices: list.length } }, actor);
      },
      layerEnabled: (layer) => generations.current.layerEnabled(layer),
    },
    auth: identity.auth,
    users: identity.users,
    keys: identity.keys,
    audit: identity.audit,
    configuration: new Configuration({
      clock,
      logger,
      record: identity.record,
      source: resolved.configSource ?? null,
      first: resolved,
      prepare({ config: next, ownProviders }) {
        if (phase === "draining") throw new GatewayError("draining");
        const set = buildProviders({ config: next, own: ownProviders, overlay, clock }, generations.current.providers);
        const generation = wireGeneration(foundation, next, set);
        return () => install(generation);
      },
    }),
    usage: new UsageReports({ clock, store: store.usage, flush }),
    usageTrouble: () => book.trouble,
    admit: () => overload.admit(),
    overload: () => overload.reason,
    budgetsTrouble: money.trouble,
    budgets: auditedBudgets(budgets, identity.record),
    alerts: auditedAlerts(alerts, identity.record),
    chat: (data, context) => leases.hold(context, chatSize(data), (leased) => respond(new ChatCall(data), leased)),
    explain: (data, context) => generations.current.explain(new ChatCall(data), context),
    forward: (data, context) =>
      leases.hold(context, forwardSize(data), (leased) => respond(new ForwardCall(data), leased)),
    terminals: () => terminals.use(),
    mcp: () => mcp.use(),
    hostKeys: () => terminals.hostKeys(),
    presets: terminals.presets,
    providers: {
      statuses: () => generations.current.providers.statuses(catalog.list(), resting),
      list: () => providerChanges.list(),
      get: (id) => providerChanges.get(id),
      create: (input, actor) => providerChanges.create(input, actor),
      update: (id, patch, actor) => providerChanges.update(id, patch, actor),
      remove: (id, actor) => providerChanges.remove(id, actor),
      reset: (actor) => providerChanges.reset(actor),
    },
    storeAnswers: () => succeedsWithin(store.ping(), STORE_ANSWER_MS, clock),
    redisAnswers: async () => redis !== null && (await redis.answers()),
    phase: () => phase,
    identify: resolved.identify,
  };
  const matcher = createMatcher(routes);
  const foundation: Foundation = {
    clock,
    emit,
    catalog,
    resting,
    wheel: new TimerWheel(clock, (lateMs, now) => overload.tick(lateMs, now)),
    warm: new WarmPrefixes(clock),
    preRoute,
    ledger,
    priced,
    limiter: resolved.limiter ?? configuredLimiter(redis, config, clock),
    judges: resolved.judges,
    matcher,
    services,
  };
  generations = new Succession(wireGeneration(foundation, config, providers));
  discovery.follow(providers.all);

  /** What was changed of the providers at run time, here or on another instance, comes into force. */
  function renewProviders(): void {
    const { config: current, providers: before } = generations.current;
    const set = buildProviders({ ...before.sources, config: current }, before);
    if (!set.equals(before)) install(wireGeneration(foundation, current, set));
  }

  function install(next: Generation): void {
    const { providers: before } = generations.current;
    catalog.setSeeds(seedsOf(next.config));
    leases.configure(next.config.limits);
    overload.configure(next.config.overload);
    preRoute.strongShare = next.config.routing.strongShare;
    generations.replace(next);
    discovery.follow(next.providers.all);
    // What was held against a provider says nothing of the one in its place.
    for (const { id, provider } of catalog.list())
      if (before.get(provider) !== next.providers.get(provider)) resting.succeeded(id);
  }

  return {
    clock,
    logger,
    get services() {
      return generations.current.services;
    },
    get handle() {
      return generations.current.handle;
    },
    serves: (target) => matcher.knows(pathOf(target)),
    charge: (caller) => generations.current.limits.charge(caller),
    health: () => healthReport(generations.current.services),
    openapi: () => openapiDocument(routes, { version: VERSION }),
    reseal: async () => (await providerChanges.reseal()) + (await terminals.reseal()),
    mcp: (caller) => mcp.serve(caller),
    async open() {
      book.open(); // before the store, which it does not need
      notices.open();
      await Promise.all([redis?.open(), store.open(), masterKeys.open?.()]);
      await Promise.all([catalog.open(), overlay.changes.open(), terminals.open()]);
      await Promise.all([identity.open(), outcomes.start(), alerts.open()]);
      if (config.mode === "production") for (const each of [overlay, terminals]) each.assertReadable();
      await discovery.start();
      await budgets.open();
      if (phase === "starting") phase = "ready";
    },
    drain() {
      phase = "draining";
    },
    async close(graceMs) {
      phase = "draining";
      await mcp.close(); // its clients would ask for terminals
      await terminals.close(); // before calls: what they run would go on while those finish
      await succeedsWithin(generations.idle(), graceMs, clock);
      generations.stopAll();
      await generations.idle();
      await book.close();
      await succeedsWithin(outcomes.stop(), STORE_ANSWER_MS, clock);
      discovery.stop();
      catalog.close();
      overlay.changes.close();
      await Promise.all([alerts.close(), budgets.close()]);
      identity.close();
      await succeedsWithin(identity.end(), STORE_ANSWER_MS, clock);
      leases.close();
      notices.close();
      redis?.close();
      await generations.close();
      await store.close();
    },
  };
}

const STORE_ANSWER_MS = 1_000;

function chatSize({ text, request }: ChatData): CallSize {
  return { characters: text.length, answerTokens: request.max_completion_tokens ?? request.max_tokens ?? 0 };
}

function forwardSize({ body }: ForwardData): CallSize {
  return { characters: typeof body === "string" ? body.length : 0, answerTokens: 0 }; // sound and pictures are no text
}

/** The configured Redis, not connected yet. */
function redisLink({ redis }: GatewayConfig, clock: Clock, logger: Logger): RedisLink | null {
  return redis === null ? null : new RedisLink({ connect: () => redisClient(redis), clock, logger });
}

/** Instances carry calls to each other's terminals where they share a Redis, and a secret that nobody else in it knows. */
function sharedTerminals(
  { auth }: GatewayConfig,
  link: RedisLink | null,
  parts: Pick<SharedTerminals, "mailbox" | "serve">,
): SharedTerminals | null {
  return link && auth.jwtSecret ? { ...parts, link, secret: auth.jwtSecret } : null;
}

/** Where an instance hears of calls to its terminals. */
function redisMailbox({ redis }: GatewayConfig, name: string, clock: Clock, logger: Logger): RedisMailbox {
  if (redis === null) throw new TypeError("there is no Redis"); // asked for where there is one
  return new RedisMailbox({ connect: () => redisClient(redis), name, clock, logger });
}

/** What the instances on it tell each other. */
function redisChannel({ redis }: GatewayConfig, link: RedisLink, clock: Clock, logger: Logger): RedisChannel | null {
  return redis === null ? null : new RedisChannel({ connect: () => redisClient(redis), link, clock, logger });
}

function configuredLimiter(link: RedisLink | null, { instances }: GatewayConfig, clock: Clock): Limiter {
  return link ? sharedLimiter({ link, clock, instances }) : memoryLimiter({ clock });
}

/** Where nothing outlives the process, a key need not either. */
function masterKeysFor(
  { masterKey, config: { secrets } }: Pick<ResolvedOptions, "masterKey" | "config">,
  { forgets = false }: Store,
): MasterKeys {
  if (masterKey) return fetchedMasterKeys(masterKey, secrets);
  return forgets && !secrets.masterKey ? passingMasterKeys(secrets) : configuredMasterKeys(secrets);
}

/** The built-in catalogue, over which the configured models stand; each is as old as its first configuration here. */
function catalogueSeeds(clock: Clock): (config: GatewayConfig) => readonly Model[] {
  const born = new Map<string, number>();
  return ({ models }) => {
    const byId = new Map(defaultCatalog().map((model) => [model.id, model]));
    for (const model of models) {
      const created = born.get(model.id) ?? Math.floor(clock.now() / 1_000);
      born.set(model.id, created);
      byId.set(model.id, { ...model, created });
    }
    return [...byId.values()];
  };
}

/** Emits to listeners; what one of them throws is logged and hurts nobody. */
function emitting(emitter: EventEmitter<GatewayEvents>, logger: Logger): Emit {
  return (name, event) => {
    if (emitter.listenerCount(name) === 0) return;
    try {
      // One name and its one event: the tuple type is what the two generics cannot see of each other.
      (emitter as unknown as EventEmitter).emit(name, event());
    } catch (error) {
      logger.error({ err: error, event: name }, "a listener threw");
    }
  };
}

/** Whether `work` succeeds within `ms` milliseconds. */
function succeedsWithin(work: Promise<unknown>, ms: number, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, () => resolve(false));
    const settle = (succeeded: boolean) => {
      cancel();
      resolve(succeeded);
    };
    work.then(
      () => settle(true),
      () => settle(false),
    );
  });
}
