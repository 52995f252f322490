import { isDeepStrictEqual } from "node:util";
import type { EventEmitter } from "eventemitter3";
import { type Clock, succeedsWithin } from "./clock.js";
import { GatewayError } from "./errors.js";
import { type Handler, pathOf } from "./http/handler.js";
import { healthReport } from "./http/health-report.js";
import { createMatcher } from "./http/match.js";
import { openapiDocument } from "./http/openapi.js";
import { routes } from "./http/routes/index.js";
import { answerCarried } from "./http/routes/terminal.js";
import type { Services } from "./http/services.js";
import type { McpGateway, McpServer } from "./mcp.js";
import { type GatewayOptions, resolveOptions } from "./options.js";
import { Auditor } from "./routing/audit/auditor.js";
import { Findings } from "./routing/audit/findings.js";
import { Pace } from "./routing/pace.js";
import { KeptOutcomes } from "./routing/pre-route/kept-outcomes.js";
import { PreRoute } from "./routing/pre-route/pre-route.js";
import { TimerWheel } from "./routing/timers.js";
import { WarmPrefixes } from "./routing/warm-prefixes.js";
import type { Health } from "./schemas/health.js";
import { configuredSecrets } from "./secrets/configured-secrets.js";
import type { GatewayEvents } from "./spec/events.js";
import type { Identity } from "./spec/http.js";
import type { Logger } from "./spec/logger.js";
import { tracingBy } from "./tracing/tracing.js";
import { auditedAlerts, auditedBudgets } from "./usage/budgets/audited.js";
import { VERSION } from "./version.js";
import { wireAdmission } from "./wire-admission.js";
import { wireBase } from "./wire-base.js";
import { wireCatalogue } from "./wire-catalogue.js";
import { Configuration } from "./wire-config.js";
import { type Foundation, type Generation, wireGeneration } from "./wire-generation.js";
import { wireIdentity } from "./wire-identity.js";
import { Life } from "./wire-life.js";
import { wireLiveProviders } from "./wire-live-providers.js";
import { wireMcp } from "./wire-mcp.js";
import { assertNoKeysConfigured, secretFinder } from "./wire-secrets.js";
import { Succession } from "./wire-succession.js";
import { sharedTerminals, wireTerminals } from "./wire-terminals.js";
import { wireUsage } from "./wire-usage.js";

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

const STORE_ANSWER_MS = 1_000;

/**
 * Builds everything a gateway is made of: each part in a file `wire-*.ts` of its own, in the order in which they need
 * each other. Nothing else constructs anything. Does no I/O. @throws TypeError naming an option
 */
export function wire(options: GatewayOptions, gateway: EventEmitter<GatewayEvents> & McpGateway): Internals {
  const resolved = resolveOptions(options);
  const { config } = resolved;
  let generations: Succession; // set at the end, before anybody can ask
  const current = (): Generation => generations.current;

  const base = wireBase(resolved, gateway);
  const { clock, logger, store, redis } = base;
  const identity = wireIdentity({ ...base, config, passwordHasher: resolved.passwordHasher });
  const { record } = identity;
  const catalogue = wireCatalogue({ ...base, config, prices: resolved.prices, record, current });
  const { catalog, resting } = catalogue;
  const providers = wireLiveProviders({
    ...base,
    catalogue,
    record,
    current,
    onChange: (next) => install(wireGeneration(foundation, current().config, next)),
  });
  const usage = wireUsage({ ...base, config, catalogue, current });
  const preRoute = new PreRoute(config.routing.strongShare);
  const findings = new Findings();
  const auditor = new Auditor({ ledger: usage.ledger, findings });
  const outcomes = new KeptOutcomes({ preRoute, findings, store, clock, logger });
  const admission = wireAdmission({ ...base, config, limiter: resolved.limiter, generations: () => generations });
  const { overload } = admission;
  assertNoKeysConfigured(config);
  const terminals = wireTerminals({
    ...base,
    config: config.terminal,
    ownDrivers: resolved.terminalDrivers,
    record,
    holdsSecret: secretFinder(base.known, () => current().config),
    shared: sharedTerminals(config, redis, (call, left) => answerCarried(current().services, call, left)),
  });
  const terminalsAreOff = () => current().config.terminal.mode === "off";
  const secrets = () => configuredSecrets(current().config);
  const mcp = wireMcp({ config, terminalsAreOff, gateway, clock, record, secrets });
  const configuration = new Configuration({
    clock,
    logger,
    record,
    source: resolved.configSource ?? null,
    first: resolved,
    prepare({ config: next, ownProviders }) {
      if (life.phase === "draining") throw new GatewayError("draining");
      // What is sealed is read with the keys that it will be read with.
      const { result: generation, use } = base.masterKeys.under(next.secrets, () => {
        // What another instance has sealed with a key that is not here yet is no reason to refuse anything else.
        if (!isDeepStrictEqual(next.secrets, current().config.secrets)) life.assertReadable();
        return wireGeneration(foundation, next, providers.build(next, ownProviders, current().providers));
      });
      const commits = [use, identity.prepare(next), usage.prepare(next), () => install(generation)];
      return () => {
        for (const commit of commits) commit();
      };
    },
  });
  const services: Foundation["services"] = {
    clock,
    logger,
    ...admission.calls,
    models: catalogue.models,
    auth: identity.auth,
    users: identity.users,
    keys: identity.keys,
    audit: identity.audit,
    configuration,
    usage: usage.reports,
    routeAudit: () => findings.view(current().config.routing.auditShare),
    usageTrouble: () => usage.book.trouble,
    admit: () => overload.admit(),
    overload: () => overload.reason,
    budgetsTrouble: usage.budgetsTrouble,
    budgets: auditedBudgets(usage.budgets, record),
    alerts: auditedAlerts(usage.alerts, record),
    terminals: () => terminals.use(),
    mcp: () => mcp.use(),
    hostKeys: () => terminals.hostKeys(),
    presets: terminals.presets,
    providers: providers.service,
    storeAnswers: () => succeedsWithin(clock, STORE_ANSWER_MS, store.ping()),
    redisAnswers: async () => redis !== null && (await redis.link.answers()),
    phase: () => life.phase,
    identify: resolved.identify,
  };
  const matcher = createMatcher(routes);
  const foundation: Foundation = {
    clock,
    emit: base.emit,
    catalog,
    resting,
    wheel: new TimerWheel(clock, (lateMs, now) => overload.tick(lateMs, now)),
    warm: new WarmPrefixes(clock),
    pace: new Pace(),
    auditor,
    preRoute,
    ledger: usage.ledger,
    tracing: tracingBy({ tracerProvider: resolved.tracerProvider, logger }),
    priced: catalogue.priced,
    limiter: admission.limiter,
    judges: resolved.judges,
    matcher,
    services,
  };
  generations = new Succession(wireGeneration(foundation, config, providers.build(config, resolved.ownProviders)));
  catalogue.discovery.follow(current().providers.all);
  const parts = {
    base,
    identity,
    catalogue,
    providers,
    usage,
    outcomes,
    auditor,
    admission,
    terminals,
    mcp,
    generations,
  };
  const life = new Life({ ...parts, isStrict: config.mode === "production" });

  function install(next: Generation): void {
    const before = current().providers;
    admission.configure(next.config);
    terminals.configure(next.config.terminal);
    preRoute.strongShare = next.config.routing.strongShare;
    generations.replace(next);
    catalogue.configure(next.config, before, next.providers);
  }

  return {
    clock,
    logger,
    get services() {
      return current().services;
    },
    get handle() {
      return current().handle;
    },
    serves: (target) => matcher.knows(pathOf(target)),
    charge: (caller) => current().limits.charge(caller),
    health: () => healthReport(current().services),
    openapi: () => openapiDocument(routes, { version: VERSION }),
    reseal: async () => (await providers.reseal()) + (await terminals.reseal()),
    mcp: (caller) => mcp.serve(caller),
    open: () => life.open(),
    drain: () => life.drain(),
    close: (graceMs) => life.close(graceMs),
  };
}
