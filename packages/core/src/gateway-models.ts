import { layerViews } from "./http/layers-view.js";
import type { ModelsService } from "./http/services.js";
import type { Model, ModelPatch, NewModel } from "./schemas/model.js";
import type { LayersView } from "./schemas/model-view.js";
import { type ListedPrice, PriceList } from "./schemas/price-list.js";
import { validate } from "./schemas/validate.js";

/** The model catalogue as an application uses it. */
export class GatewayModels {
  readonly #service: ModelsService;
  readonly #usable: () => Promise<void>;

  /** Made by the gateway. */
  constructor(service: ModelsService, usable: () => Promise<void>) {
    this.#service = service;
    this.#usable = usable;
  }

  /** Every model, by layer, priority, relativeCost and id. */
  async list(): Promise<readonly Model[]> {
    await this.#usable();
    return this.#service.list();
  }

  /** The models by layer, as `GET /v1/models/layers` shows them. */
  async layers(): Promise<LayersView["layers"]> {
    await this.#usable();
    return layerViews(this.#service.list(), this.#service.layerEnabled);
  }

  /** One model. @throws GatewayError `model_not_found` */
  async get(id: string): Promise<Model> {
    await this.#usable();
    return this.#service.get(id);
  }

  /** Adds a model. @throws GatewayError `conflict`, `invalid_request`, `store_unavailable` */
  async create(model: NewModel): Promise<Model> {
    await this.#usable();
    return this.#service.create(model);
  }

  /** Changes some fields of a model. @throws GatewayError `model_not_found`, `invalid_request`, `store_unavailable` */
  async update(id: string, patch: ModelPatch): Promise<Model> {
    await this.#usable();
    return this.#service.update(id, patch);
  }

  /**
   * Puts other prices in the place of the option `prices`, for calls that are sent from now on.
   * @throws GatewayError `invalid_request` naming the entry
   */
  setPrices(prices: readonly ListedPrice[]): void {
    this.#service.setPrices(validate(PriceList, prices));
  }

  /** Removes a model; a seeded one stays away until the changes are reset. @throws GatewayError `model_not_found`, `store_unavailable` */
  async delete(id: string): Promise<void> {
    await this.#usable();
    return this.#service.remove(id);
  }
}
