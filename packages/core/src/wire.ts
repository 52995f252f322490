import type { EventEmitter } from "eventemitter3";
import { type Clock, systemClock } from "./clock.js";
import { ChatCall } from "./dialects/chat-call.js";
import { ForwardCall } from "./dialects/forward-call.js";
import type { ChatData, ForwardData, ModelCall } from "./dialects/model-call.js";
import { clientAddress } from "./http/client-address.js";
import { createHandler, type Handler, pathOf } from "./http/handler.js";
import { healthReport } from "./http/health-report.js";
import { Limits } from "./http/limits.js";
import { createMatcher } from "./http/match.js";
import { openapiDocument } from "./http/openapi.js";
import { routes } from "./http/routes/index.js";
import type { ProviderStatus, Services } from "./http/services.js";
import { type CallSize, Leases } from "./limits/internal/leases.js";
import { sharedLimiter } from "./limits/internal/shared-limiter.js";
import { memoryLimiter } from "./limits/memory.js";
import { auditedModels } from "./models/audited-models.js";
import { ModelCatalog } from "./models/catalog.js";
import { defaultCatalog } from "./models/default-catalog.js";
import { Discovery } from "./models/discovery.js";
import { type GatewayOptions, resolveOptions } from "./options.js";
import { providerFactories } from "./providers/index.js";
import { redisClient } from "./redis/connect.js";
import { RedisLink } from "./redis/redis-link.js";
import { Calls } from "./routing/calls.js";
import { EscalationShare } from "./routing/cascade/escalation-share.js";
import { answerText } from "./routing/cascade/judged-answer.js";
import { judgesInOrder } from "./routing/cascade/judges.js";
import { explain } from "./routing/explain.js";
import { Planner } from "./routing/planner.js";
import { KeptOutcomes } from "./routing/pre-route/kept-outcomes.js";
import { PreRoute } from "./routing/pre-route/pre-route.js";
import { RestingModels } from "./routing/rest.js";
import { Router } from "./routing/router.js";
import type { RoutingDeps } from "./routing/routing-deps.js";
import { Slots } from "./routing/slots.js";
import { TimerWheel } from "./routing/timers.js";
import { WarmPrefixes } from "./routing/warm-prefixes.js";
import type { ChatMessage } from "./schemas/chat.js";
import type { Health } from "./schemas/health.js";
import { higherLayer, type LayerName, type Model } from "./schemas/model.js";
import type { GatewayConfig, ProviderConfig } from "./schemas/options.js";
import type { RouteDecision } from "./schemas/route-decision.js";
import type { CallContext } from "./spec/call.js";
import type { Emit, GatewayEvents } from "./spec/events.js";
import type { Identity } from "./spec/http.js";
import type { Limiter } from "./spec/limiter.js";
import { type Logger, silentLogger } from "./spec/logger.js";
import type { Provider } from "./spec/provider.js";
import { memoryStore } from "./stores/memory.js";
import { Ledger } from "./usage/ledger.js";
import { Prices } from "./usage/prices.js";
import { rowIds } from "./usage/row-ids.js";
import { shippedPrices } from "./usage/shipped-prices.js";
import { strongestModel } from "./usage/strongest.js";
import { usageBook } from "./usage/usage-book.js";
import { UsageReports } from "./usage/usage-reports.js";
import { VERSION } from "./version.js";
import { wireBudgets } from "./wire-budgets.js";
import { wireIdentity } from "./wire-identity.js";
import { wireTerminals } from "./wire-terminals.js";

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
  open(): Promise<void>;
  drain(): void;
  close(graceMs: number): Promise<void>;
}

/** Builds everything a gateway is made of. The only place that constructs anything; does no I/O. */
export function wire(options: GatewayOptions, emitter: EventEmitter<GatewayEvents>): Internals {
  const resolved = resolveOptions(options);
  const { config } = resolved;
  const clock = resolved.clock ?? systemClock();
  const logger = resolved.logger ?? silentLogger;
  const store = resolved.store ?? memoryStore();
  const redis = redisLink(config, clock, logger);
  const emit = emitting(emitter, logger);

  const identity = wireIdentity({
    config,
    store,
    clock,
    logger,
    passwordHasher: resolved.passwordHasher,
  });
  const { providers, explicit } = buildProviders(config, resolved.ownProviders, clock);
  const catalog = new ModelCatalog({
    seeds: seeds(config, clock),
    store,
    clock,
    providerNames: () => [...new Set([...Object.keys(providerFactories), ...providers.keys()])].sort(),
    onError: (error) => logger.error({ err: error }, "could not read what another instance changed"),
  });
  const discovery = new Discovery({
    providers: [...providers.values()],
    publish: (models) => catalog.setDiscovered(models),
    clock,
    logger,
  });
  const resting = new RestingModels(clock);
  const layerEnabled = layerSwitch(config);
  const slots = new Map<Provider, Slots>();
  for (const provider of providers.values()) {
    if (provider.concurrency) slots.set(provider, new Slots(provider.concurrency));
  }

  const planner = new Planner({
    provider: (name) => providers.get(name),
    layerEnabled,
    defaultLayer: config.routing.defaultLayer,
    maxEscalationLayer: config.routing.maxEscalationLayer,
  });
  const prices = new Prices(shippedPrices(), resolved.prices);
  const { book, flush } = usageBook({
    clock,
    logger,
    store: store.usage,
    enabled: config.cost.enableCostTracking,
    journalDir: resolved.journalDir ?? null,
    durability: config.usage.durability,
  });
  const { budgets, alerts } = wireBudgets({ config, store, clock, logger, emit, flush });
  const ledger = new Ledger({
    clock,
    prices,
    book,
    budgets,
    newId: rowIds(clock),
    strongest: strongestModel({
      prices,
      models: () => catalog.list(),
      usable: ({ enabled, layer, provider }) => enabled && layerEnabled(layer) && isReal(providers.get(provider)),
      now: () => clock.now(),
    }),
  });
  const routing: RoutingDeps = {
    clock,
    wheel: new TimerWheel(clock),
    resting,
    timeouts: config.routing.timeouts,
    attempts: config.routing.attempts,
    slots: (provider) => slots.get(provider),
    emit,
  };
  const warm = new WarmPrefixes(clock);
  const preRoute = new PreRoute(config.routing.strongShare);
  const outcomes = new KeptOutcomes({ preRoute, store, clock, logger });
  const router = new Router({
    routing: config.routing,
    preRoute,
    warm,
    share: new EscalationShare(config.routing.maxEscalationShare),
    plan: (call, { identity: caller }) => planner.plan(call, catalog.snapshot, caller),
    layer: (layer, call, { identity: caller }) => planner.layer(layer, call, catalog.snapshot, caller),
    cascade: {
      ...routing,
      judges: judgesInOrder(config.routing, resolved.judges, askModel),
    },
  });
  const calls = new Calls({
    clock,
    ledger,
    wheel: routing.wheel,
    keepAliveAfterMs: config.routing.keepAliveAfterMs,
    route: (call, context, account) => router.route(call, context, account),
    explain: explained,
    served: (call, context, { target, attempt }) => router.served(call, context, target, attempt.usage),
    emit,
  });

  function explained(call: ModelCall, context: CallContext): RouteDecision {
    const { snapshot } = catalog;
    return explain({
      call,
      decision: router.decide(call, context),
      models: snapshot.models,
      resting,
      whyUnusable: (model) => planner.whyUnusable(model, call, snapshot, context.identity),
    });
  }

  /** Asks the configured judge model, as any call is asked and booked. */
  async function askModel(messages: readonly ChatMessage[], signal: AbortSignal): Promise<string> {
    const request = { model: config.routing.judgeModel ?? "", messages: [...messages] };
    const requestId = clock.id("req_");
    const created = Math.floor(clock.now() / 1_000);
    const chat = new ChatCall({
      request,
      text: JSON.stringify(request),
      created,
      id: requestId.replace("req_", "chatcmpl-"),
    });
    const { body } = await calls.respond(chat, { requestId, signal });
    return answerText(String(body));
  }

  const leases = new Leases({ clock, link: redis, instances: config.instances }, config.limits);
  const priced = (model: Model) => prices.priced(model, clock.now());
  const changes = auditedModels(catalog, identity.record);
  const terminals = wireTerminals({
    config: config.terminal,
    ownDrivers: resolved.terminalDrivers,
    store,
    clock,
    logger,
    record: identity.record,
  });
  let phase: "starting" | "ready" | "draining" = "starting";
  const services: Services = {
    config,
    clock,
    logger,
    models: {
      list: () => catalog.list().map(priced),
      get: (id) => priced(catalog.get(id)),
      create: async (model, actor) => priced(await changes.create(model, actor)),
      update: async (id, patch, actor) => priced(await changes.update(id, patch, actor)),
      remove: (id, actor) => changes.remove(id, actor),
      layerEnabled,
    },
    auth: identity.auth,
    users: identity.users,
    keys: identity.keys,
    audit: identity.audit,
    usage: new UsageReports({ clock, store: store.usage, flush }),
    usageTrouble: () => book.trouble,
    budgets,
    alerts,
    chat: (data, context) =>
      leases.hold(context, chatSize(data), (leased) => calls.respond(new ChatCall(data), leased)),
    explain: (data, context) => explained(new ChatCall(data), context),
    forward: (data, context) =>
      leases.hold(context, forwardSize(data), (leased) => calls.respond(new ForwardCall(data), leased)),
    terminals: () => terminals.use(),
    hostKeys: () => terminals.hostKeys(),
    providers: () => statuses(providers, explicit, catalog.list(), resting),
    storeAnswers: () => succeedsWithin(store.ping(), STORE_ANSWER_MS, clock),
    redisAnswers: async () => redis !== null && (await redis.answers()),
    phase: () => phase,
    identify: resolved.identify,
    addressOf: clientAddress(config.trustProxy),
  };
  const limits = new Limits({
    limiter: resolved.limiter ?? configuredLimiter(redis, config, clock),
    config: config.limits,
    clock,
    addressOf: services.addressOf,
  });
  const matcher = createMatcher(routes);
  const openapi = () => openapiDocument(routes, { version: VERSION });

  return {
    clock,
    logger,
    services,
    handle: createHandler(services, matcher, limits),
    serves: (target) => matcher.knows(pathOf(target)),
    charge: (caller) => limits.charge(caller),
    health: () => healthReport(services),
    openapi,
    async open() {
      book.open(); // before the store, which it does not need
      await Promise.all([redis?.open(), store.open()]);
      await Promise.all([catalog.open(), identity.open(), discovery.start(), outcomes.start(), alerts.open()]);
      await budgets.open();
      if (phase === "starting") phase = "ready";
    },
    drain() {
      phase = "draining";
    },
    async close(graceMs) {
      phase = "draining";
      await terminals.close(); // first: what they run would go on while calls finish
      await succeedsWithin(calls.idle(), graceMs, clock);
      calls.stopAll();
      await calls.idle();
      await book.close();
      await succeedsWithin(outcomes.stop(), STORE_ANSWER_MS, clock);
      discovery.stop();
      catalog.close();
      budgets.close();
      alerts.close();
      identity.close();
      await succeedsWithin(identity.flush(), STORE_ANSWER_MS, clock);
      leases.close();
      redis?.close();
      await Promise.all([...providers.values()].map((provider) => provider.close?.()));
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

function configuredLimiter(link: RedisLink | null, { instances }: GatewayConfig, clock: Clock): Limiter {
  return link ? sharedLimiter({ link, clock, instances }) : memoryLimiter({ clock });
}

/** The configured providers, and the simulator, which is always there to be named. */
function buildProviders(
  config: GatewayConfig,
  own: ReadonlyMap<string, Provider>,
  clock: Clock,
): { readonly providers: ReadonlyMap<string, Provider>; readonly explicit: ReadonlySet<string> } {
  const providers = new Map<string, Provider>();
  const entries = Object.entries<ProviderConfig>({ simulator: {}, ...config.providers });
  for (const [name, entry] of entries) {
    const type = entry.type ?? name;
    if (!Object.hasOwn(providerFactories, type)) {
      const known = Object.keys(providerFactories).join(", ");
      throw new TypeError(`Gateway options: providers.${name}.type must be one of ${known}`);
    }
    const factory = providerFactories[type as keyof typeof providerFactories]; // just checked
    const provider = factory(name, entry, { clock, outboundProxy: config.outboundProxy });
    if (provider) providers.set(name, provider);
  }
  for (const [name, provider] of own) providers.set(name, provider);
  return { providers, explicit: new Set([...Object.keys(config.providers), ...own.keys()]) };
}

/** The built-in catalogue, over which the configured models stand. */
function seeds(config: GatewayConfig, clock: Clock): readonly Model[] {
  const created = Math.floor(clock.now() / 1_000);
  const byId = new Map(defaultCatalog().map((model) => [model.id, model]));
  for (const model of config.models) byId.set(model.id, { ...model, created });
  return [...byId.values()];
}

/** A layer is on when configured so, else when `auto` starts there or may rise to it; L0 is on unless switched off. */
function layerSwitch({ layers, routing }: GatewayConfig): (layer: LayerName) => boolean {
  const { defaultLayer, maxEscalationLayer } = routing;
  const ceiling = higherLayer(defaultLayer, maxEscalationLayer);
  return (layer) => layers[layer]?.enabled ?? (layer === "L0" || (layer >= defaultLayer && layer <= ceiling));
}

/** The simulator shows only where it serves: nothing real is configured, or somebody asked for it. */
function statuses(
  providers: ReadonlyMap<string, Provider>,
  explicit: ReadonlySet<string>,
  models: readonly Model[],
  resting: RestingModels,
): readonly ProviderStatus[] {
  const real = [...providers.values()].some((provider) => !provider.simulated);
  const failing = new Set(models.filter(({ id }) => resting.isOpen(id)).map(({ provider }) => provider));
  return [...providers]
    .filter(([name, { simulated }]) => !simulated || !real || explicit.has(name))
    .map(([name, { simulated = false }]) => ({ name, simulated, healthy: !failing.has(name) }));
}

function isReal(provider: Provider | undefined): boolean {
  return provider !== undefined && !provider.simulated;
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
