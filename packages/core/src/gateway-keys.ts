import type { KeysService } from "./http/services.js";
import type { ApiKeyPatch, ApiKeySecret, ApiKeyView, NewApiKey, Rotation } from "./schemas/api-key.js";
import type { Actor } from "./spec/call.js";

const APPLICATION: Actor = {};

/**
 * API keys, as an application uses them. Each call may name on whose behalf it is made, whose rights then bound it;
 * default: the application's own.
 */
export class GatewayKeys {
  readonly #service: KeysService;
  readonly #usable: () => Promise<void>;

  /** Made by the gateway. */
  constructor(service: KeysService, usable: () => Promise<void>) {
    this.#service = service;
    this.#usable = usable;
  }

  /** The keys, the newest first. */
  async list(actor = APPLICATION): Promise<readonly ApiKeyView[]> {
    await this.#usable();
    return this.#service.list(actor);
  }

  /** One key. @throws GatewayError `not_found` */
  async get(id: string, actor = APPLICATION): Promise<ApiKeyView> {
    await this.#usable();
    return this.#service.get(id, actor);
  }

  /** Makes a key; its secret is in the answer, and nowhere else. @throws GatewayError `invalid_request`, `forbidden`, `store_unavailable` */
  async create(key: NewApiKey = {}, actor = APPLICATION): Promise<ApiKeySecret> {
    await this.#usable();
    return this.#service.create(key, actor);
  }

  /** Changes what a key may do. @throws GatewayError `not_found`, `invalid_request`, `forbidden`, `store_unavailable` */
  async update(id: string, patch: ApiKeyPatch, actor = APPLICATION): Promise<ApiKeyView> {
    await this.#usable();
    return this.#service.update(id, patch, actor);
  }

  /** Gives a key another secret; the old one is good for a day more, or `overlapSeconds`. @throws GatewayError as `update` */
  async rotate(id: string, options: Rotation = {}, actor = APPLICATION): Promise<ApiKeySecret> {
    await this.#usable();
    return this.#service.rotate(id, options, actor);
  }

  /** Revokes a key. @throws GatewayError `not_found`, `forbidden`, `store_unavailable` */
  async delete(id: string, actor = APPLICATION): Promise<void> {
    await this.#usable();
    return this.#service.remove(id, actor);
  }
}
