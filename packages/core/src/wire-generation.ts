import type { Clock } from "./clock.js";
import type { ModelCall } from "./dialects/model-call.js";
import { clientAddress } from "./http/client-address.js";
import { createHandler, type Handler } from "./http/handler.js";
import { Limits } from "./http/limits.js";
import type { Matcher } from "./http/match.js";
import type { Services } from "./http/services.js";
import type { ModelCatalog } from "./models/catalog.js";
import type { Auditor } from "./routing/audit/auditor.js";
import { Calls } from "./routing/calls.js";
import { EscalationShare } from "./routing/cascade/escalation-share.js";
import { judgesInOrder } from "./routing/cascade/judges.js";
import { explain } from "./routing/explain.js";
import type { Pace } from "./routing/pace.js";
import { Planner } from "./routing/planner.js";
import type { PreRoute } from "./routing/pre-route/pre-route.js";
import { purseOf } from "./routing/purse.js";
import type { RestingModels } from "./routing/rest.js";
import { Router } from "./routing/router.js";
import type { RoutingDeps } from "./routing/routing-deps.js";
import type { TimerWheel } from "./routing/timers.js";
import type { WarmPrefixes } from "./routing/warm-prefixes.js";
import { higherLayer, type LayerName, type Model } from "./schemas/model.js";
import type { GatewayConfig } from "./schemas/options.js";
import type { RouteDecision } from "./schemas/route-decision.js";
import type { CallContext } from "./spec/call.js";
import type { Emit } from "./spec/events.js";
import type { Judge } from "./spec/judge.js";
import type { Limiter } from "./spec/limiter.js";
import type { Tracing } from "./spec/tracing.js";
import type { Ledger } from "./usage/ledger.js";
import type { ProviderSet } from "./wire-providers.js";

/** What stays while configurations come and go. */
export interface Foundation {
  readonly clock: Clock;
  readonly emit: Emit;
  readonly catalog: ModelCatalog;
  readonly resting: RestingModels;
  readonly wheel: TimerWheel;
  readonly warm: WarmPrefixes;
  readonly pace: Pace;
  readonly auditor: Auditor;
  readonly preRoute: PreRoute;
  readonly ledger: Ledger;
  readonly tracing: Tracing | null;
  /** A model with the price that counts for it now. */
  readonly priced: (model: Model) => Model;
  readonly limiter: Limiter;
  /** The application's own. */
  readonly judges: readonly Judge[];
  readonly matcher: Matcher;
  readonly services: Omit<Services, "config" | "addressOf">;
}

/** What one configuration makes of it: replaced as a whole, and kept by the calls that began with it. */
export interface Generation {
  readonly config: GatewayConfig;
  readonly providers: ProviderSet;
  readonly services: Services;
  readonly handle: Handler;
  readonly limits: Limits;
  readonly calls: Calls;
  explain(call: ModelCall, context: CallContext): RouteDecision;
  layerEnabled(layer: LayerName): boolean;
}

/** Builds a generation. Does no I/O. @throws TypeError naming an option */
export function wireGeneration(base: Foundation, config: GatewayConfig, providers: ProviderSet): Generation {
  const { clock, emit, catalog, resting, wheel, preRoute } = base;
  const { routing } = config;
  const layerEnabled = layerSwitch(config);
  const planner = new Planner({
    provider: (name) => providers.get(name),
    layerEnabled,
    defaultLayer: routing.defaultLayer,
    maxEscalationLayer: routing.maxEscalationLayer,
  });
  const deps: RoutingDeps = {
    clock,
    wheel,
    resting,
    timeouts: routing.timeouts,
    attempts: routing.attempts,
    load: (provider) => providers.loadOf(provider),
    emit,
  };
  const router = new Router({
    routing,
    preRoute,
    warm: base.warm,
    pace: base.pace,
    auditor: base.auditor,
    share: new EscalationShare(routing.maxEscalationShare),
    plan: (call, { identity: caller }) => planner.plan(call, catalog.snapshot, caller),
    layer: (layer, call, { identity: caller }) => planner.layer(layer, call, catalog.snapshot, caller),
    cascade: {
      ...deps,
      judges: judgesInOrder(routing, base.judges),
      planJudge: (call) => planner.plan(call, catalog.snapshot), // the application's choice, whatever the caller may ask
    },
  });
  const calls = new Calls({
    clock,
    ledger: base.ledger,
    tracing: base.tracing,
    wheel,
    keepAliveAfterMs: routing.keepAliveAfterMs,
    decide: (call, context) => router.decide(call, context),
    run: (call, decision, account) => router.run(call, decision, account),
    explain: explained,
    served: (call, context, served) => router.served(call, context, served),
    emit,
  });

  function explained(call: ModelCall, context: CallContext, decision = router.decide(call, context)): RouteDecision {
    const { snapshot } = catalog;
    return explain({
      call,
      decision,
      models: snapshot.models,
      resting,
      whyUnusable: (model) => planner.whyUnusable(model, call, snapshot, context.identity),
      priced: base.priced,
      purse: purseOf(call, decision, base.ledger.open(context, call)),
    });
  }

  const addressOf = clientAddress(config.trustProxy);
  const services: Services = { ...base.services, config, addressOf };
  const limits = new Limits({ limiter: base.limiter, config: config.limits, clock, addressOf });
  return {
    config,
    providers,
    services,
    handle: createHandler(services, base.matcher, limits),
    limits,
    calls,
    explain: explained,
    layerEnabled,
  };
}

/** A layer is on when configured so, else when `auto` starts there or may rise to it; L0 is on unless switched off. */
function layerSwitch({ layers, routing }: GatewayConfig): (layer: LayerName) => boolean {
  const { defaultLayer, maxEscalationLayer } = routing;
  const ceiling = higherLayer(defaultLayer, maxEscalationLayer);
  return (layer) => layers[layer]?.enabled ?? (layer === "L0" || (layer >= defaultLayer && layer <= ceiling));
}
