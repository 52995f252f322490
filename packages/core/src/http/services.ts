import type { Clock } from "../clock.js";
import type { ChatData, ForwardData } from "../dialects/model-call.js";
import type { Model, ModelPatch, NewModel } from "../schemas/model.js";
import type { GatewayConfig } from "../schemas/options.js";
import type { CallContext } from "../spec/call.js";
import type { GatewayRequest, GatewayResponse, Identity, Peer } from "../spec/http.js";
import type { Logger } from "../spec/logger.js";

/** The model catalogue as routes use it. */
export interface ModelsService {
  /** Every model, in catalogue order: layer, priority, relativeCost (null last), id. */
  list(): readonly Model[];
  /** @throws GatewayError `model_not_found` */
  get(id: string): Model;
  /** @throws GatewayError `conflict`, `invalid_request`, `store_unavailable` */
  create(model: NewModel): Promise<Model>;
  /** @throws GatewayError `model_not_found`, `invalid_request`, `store_unavailable` */
  update(id: string, patch: ModelPatch): Promise<Model>;
  /** @throws GatewayError `model_not_found`, `store_unavailable` */
  remove(id: string): Promise<void>;
  /** Whether `auto` may use a layer. */
  layerEnabled(layer: Model["layer"]): boolean;
}

/** What a provider looks like from outside. */
export interface ProviderStatus {
  readonly name: string;
  readonly simulated: boolean;
  /** Configured, and not every one of its models is resting after failures. */
  readonly healthy: boolean;
}

/** What routes may use; built in one place, handed in as types only. */
export interface Services {
  readonly config: GatewayConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly models: ModelsService;
  /**
   * Answers one chat: resolves with the response head, while the body may still be streaming.
   * @throws GatewayError anything the table holds
   */
  chat(data: ChatData, context: CallContext): Promise<GatewayResponse>;
  /** The same for everything else that is routed by model. */
  forward(data: ForwardData, context: CallContext): Promise<GatewayResponse>;
  /** Every configured provider, the simulator included where it serves. */
  providers(): readonly ProviderStatus[];
  /** Resolves true when the store answers within a second. */
  storeAnswers(): Promise<boolean>;
  /** True when `config.store` or `config.redis` name a Redis and it answers. */
  readonly redisAnswers: boolean;
  /** `starting` until the first catalogue is loaded. */
  phase(): "starting" | "ready" | "draining";
  /** The host application's own authentication, where it has one. */
  readonly identify:
    | ((request: GatewayRequest, peer: Peer | undefined) => Identity | null | Promise<Identity | null>)
    | undefined;
}
