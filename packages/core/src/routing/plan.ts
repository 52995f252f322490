import type { CallNeeds } from "../dialects/call-needs.js";
import type { ModelCall, RoutedRequest } from "../dialects/model-call.js";
import { GatewayError } from "../errors.js";
import { higherLayer, LAYERS, type LayerName, type Model } from "../schemas/model.js";
import type { Operation } from "../schemas/operation.js";
import type { Provider } from "../spec/provider.js";
import { assertLayer, assertModel, assertOperation, type CallerRights, mayUse } from "./caller-rights.js";
import type { Target } from "./target.js";

/** The catalogue as one request sees it; it does not change while the request runs. */
export interface PlanCatalog {
  /** Every model, ordered by layer, priority, relativeCost (null last) and id. */
  readonly models: readonly Model[];
  readonly byId: ReadonlyMap<string, Model>;
  /** By the provider's own name of the model. */
  readonly byApiModelName: ReadonlyMap<string, readonly Model[]>;
  /** By `provider/apiModelName`. */
  readonly byProviderModel: ReadonlyMap<string, readonly Model[]>;
}

/** What is asked, as far as it matters for the plan. */
export type PlanRequest = Pick<ModelCall, "operation" | "request" | "fixedModel" | "needs">;

/** What a plan is made from. */
export interface PlanInput {
  readonly catalog: PlanCatalog;
  readonly provider: (name: string) => Provider | undefined;
  readonly layerEnabled: (layer: LayerName) => boolean;
  readonly defaultLayer: LayerName;
  readonly maxEscalationLayer: LayerName;
  /** Whoever calls; undefined for somebody who may use every model. */
  readonly caller?: CallerRights | undefined;
}

/** What the parts of a plan are made from. */
export interface Scope extends PlanInput {
  readonly operation: Operation;
  readonly needs?: CallNeeds | undefined;
}

/** `auto`, `auto:L1` or `L1`. */
const AUTO = /^(?:auto|auto:(L[0-3])|(L[0-3]))$/;

/**
 * Which models a request may go to, in order. Pure: the same request and catalogue give the same plan.
 * @throws GatewayError `invalid_request` for an ambiguous name, `forbidden`, `model_not_found`, `no_usable_model`
 */
export function planCall(call: PlanRequest, given: PlanInput): readonly Target[] {
  const { operation, request, fixedModel, needs } = call;
  assertOperation(operation, given.caller);
  const input: Scope = { ...given, operation, needs };
  const auto = AUTO.exec(request.model);
  const first = auto
    ? autoTargets(request, layerOf(auto[1]), layerOf(auto[2]), input)
    : namedTargets(request.model, "named", input);
  const ceiling = request.sluice?.maxLayer;
  const extra = request.sluice?.fallbacks ?? aliasFallbacks(request);
  const rest = extra.flatMap((name) => usable(resolve(name, input), "fallback", input));
  const all = distinct([...first, ...rest]).filter(({ model }) => !ceiling || model.layer <= ceiling);
  const targets = fixedModel ? all.filter(({ model }) => model.apiModelName === all[0]?.model.apiModelName) : all;
  if (targets.length > 0) return targets;
  if (given.caller) {
    planCall(call, { ...given, caller: undefined }); // throws where it is not for the rights
    throw new GatewayError("forbidden", { details: "you may use none of the models that could answer this" });
  }
  const unable = auto && needs ? planCall({ ...call, needs: undefined }, given).map(({ model }) => model) : [];
  throw new GatewayError("no_usable_model", {
    details:
      unable[0] && needs
        ? unableTo(unable, needs)
        : ceiling
          ? `nothing usable at or below ${ceiling}, the request's sluice.maxLayer`
          : whatToConfigure(request.model, input),
  });
}

function autoTargets(
  request: RoutedRequest,
  start: LayerName | undefined,
  only: LayerName | undefined,
  input: Scope,
): readonly Target[] {
  const exact = only ?? request.sluice?.layer;
  const asked = exact ?? request.sluice?.minLayer ?? start;
  if (asked) assertLayer(asked, input.caller);
  const from = asked ?? input.defaultLayer;
  const ceiling = higherLayer(input.defaultLayer, input.maxEscalationLayer);
  const to = exact ?? higherLayer(from, ceiling);
  return LAYERS.filter((layer) => layer >= from && layer <= to)
    .filter((layer) => layer === asked || input.layerEnabled(layer))
    .flatMap((layer) => layerTargets(layer, input));
}

/** The models of a layer that `auto` may use, in order. */
export function layerTargets(layer: LayerName, input: Scope): readonly Target[] {
  const able = ofLayer(layer, input).filter((model) => whyUnable(model, input.needs) === null);
  return usable(able, `auto:${layer}`, input);
}

/** What a call needs that a model lacks, or null. A model that says nothing of itself is given the benefit of the doubt. */
function whyUnable({ capabilities, contextWindow }: Model, needs: CallNeeds | undefined): string | null {
  const missing = capabilities && needs?.capabilities.find((capability) => !capabilities.includes(capability));
  if (missing) return `no ${missing}`;
  if (contextWindow !== undefined && needs && needs.tokens > contextWindow) return "too small a context window";
  return null;
}

function unableTo(models: readonly Model[], needs: CallNeeds): string {
  const reasons = models.map((model) => `${model.id} has ${whyUnable(model, needs)}`);
  return `no model that auto may use can serve this: ${reasons.join(", ")}; name a model that can, or raise routing.maxEscalationLayer (MAX_ESCALATION_LAYER)`;
}

/** Why a model could not serve a call, wherever `auto` looks; null where it could. */
export function whyUnusable(model: Model, input: Scope): string | null {
  const provider = input.provider(model.provider);
  if (!model.enabled) return "disabled";
  if (!provider) return "its provider is not configured";
  if (!serves(model, provider, input.operation)) return `not for ${input.operation}`;
  if (!mayUse(model, input.caller)) return "not permitted to this caller";
  if (!input.layerEnabled(model.layer)) return "its layer is switched off";
  return whyUnable(model, input.needs);
}

function layerOf(text: string | undefined): LayerName | undefined {
  return LAYERS.find((layer) => layer === text);
}

/** A simulator answers `auto` only while nothing real could. */
function ofLayer(layer: LayerName, { catalog, provider, operation }: Scope): readonly Model[] {
  const real = catalog.models.some((model) => {
    const found = provider(model.provider);
    return found !== undefined && !found.simulated;
  });
  return catalog.models.filter(
    (model) =>
      model.layer === layer &&
      (model.operations ?? BY_DEFAULT).includes(operation) &&
      !(real && provider(model.provider)?.simulated),
  );
}

function namedTargets(name: string, reason: string, input: Scope): readonly Target[] {
  const models = resolve(name, input);
  const [model] = models;
  if (model) assertModel(model, input.caller);
  const named = usable(models, reason, input);
  if (named.length === 0 && model && !model.enabled) {
    throw new GatewayError("model_not_found", { details: `${model.id} is disabled`, param: "model" });
  }
  if (named.length === 0 && model && input.provider(model.provider)) {
    throw new GatewayError("invalid_request", {
      param: "model",
      details: `model: ${model.id} cannot be asked for ${input.operation}`,
    });
  }
  const fallbacks = models.flatMap(({ fallbacks }) => fallbacks);
  return [...named, ...fallbacks.flatMap((id) => usable(known(id, input), "fallback", input))];
}

/** A fallback that names a model since deleted is passed over. */
function known(name: string, { catalog }: Scope): readonly Model[] {
  const model = catalog.byId.get(name) ?? namesakes(name, catalog)[0];
  return model ? [model] : [];
}

/** Every model whose upstream goes by this name. */
function namesakes(name: string, { byProviderModel, byApiModelName }: PlanCatalog): readonly Model[] {
  return [...(byProviderModel.get(name) ?? []), ...(byApiModelName.get(name) ?? [])];
}

/** The one model a name stands for. */
function resolve(name: string, input: Scope): readonly Model[] {
  const auto = AUTO.exec(name);
  if (auto) return ofLayer(layerOf(auto[1]) ?? layerOf(auto[2]) ?? input.defaultLayer, input);
  const model = input.catalog.byId.get(name);
  if (model) return [model];
  const candidates = namesakes(name, input.catalog);
  const ready = candidates.filter((candidate) => candidate.enabled && input.provider(candidate.provider));
  const pool = ready.length > 0 ? ready : candidates;
  const upstreams = new Set(pool.map((candidate) => `${candidate.provider}/${candidate.apiModelName}`));
  if (upstreams.size > 1) {
    throw new GatewayError("invalid_request", {
      param: "model",
      details: `model: ${name} is ambiguous; name one of ${pool.map(({ id }) => id).join(", ")}`,
    });
  }
  if (pool.length === 0) {
    throw new GatewayError("model_not_found", {
      param: "model",
      details: `no model is called ${name.slice(0, 200)}; GET /v1/models lists them`,
    });
  }
  return pool.slice(0, 1);
}

function usable(models: readonly Model[], reason: string, input: Scope): readonly Target[] {
  const targets: Target[] = [];
  for (const model of models) {
    const provider = input.provider(model.provider);
    if (model.enabled && provider && serves(model, provider, input.operation) && mayUse(model, input.caller))
      targets.push({ model, provider, reason });
  }
  return targets;
}

/** What a model is taken for that says nothing of itself, and a provider. */
const BY_DEFAULT: readonly Operation[] = ["chat"];

/** A model that says nothing of itself is tried with whatever it is named for. */
function serves(model: Model, provider: Provider, operation: Operation): boolean {
  return (provider.operations ?? BY_DEFAULT).includes(operation) && model.operations?.includes(operation) !== false;
}

function distinct(targets: readonly Target[]): readonly Target[] {
  const seen = new Set<string>();
  return targets.filter(({ model }) => !seen.has(model.id) && seen.add(model.id));
}

/** OpenRouter's `models`: names tried in order when the first fails. */
function aliasFallbacks(request: RoutedRequest): readonly string[] {
  const { models } = request;
  return Array.isArray(models) ? models.filter((name): name is string => typeof name === "string") : [];
}

function whatToConfigure(name: string, input: Scope): string {
  const { catalog, provider } = input;
  const [asked] = known(name, input);
  if (asked)
    return `${asked.id} is served by ${asked.provider}, which is not configured: set providers.${asked.provider}`;
  const ready = catalog.models.find(
    (model) => model.enabled && provider(model.provider) && !provider(model.provider)?.simulated,
  );
  if (!ready)
    return "no provider is configured: set OPENROUTER_API_KEY, OPENAI_API_KEY, ANTHROPIC_API_KEY or OSS_LOCAL_BASE_URL";
  return `no usable model on the layers auto may use; ${ready.id} is on ${ready.layer}: set routing.defaultLayer (DEFAULT_LAYER) or routing.maxEscalationLayer (MAX_ESCALATION_LAYER) to ${ready.layer}, or name the model`;
}
