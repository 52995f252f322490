import type { ProviderStatus, ProvidersService } from "./http/services.js";
import type { NewProvider, ProviderPatch, ProviderView } from "./schemas/provider.js";
import type { Actor } from "./spec/call.js";

const APPLICATION: Actor = {};

/**
 * Providers, as an application uses them: those it configured, and changes of them, which take effect at once and on
 * every instance of one store. Secrets go in and never come out. Each change may name on whose behalf it is made;
 * default: the application's own.
 */
export class GatewayProviders {
  readonly #service: ProvidersService;
  readonly #usable: () => Promise<void>;

  /** Made by the gateway. */
  constructor(service: ProvidersService, usable: () => Promise<void>) {
    this.#service = service;
    this.#usable = usable;
  }

  /** Every provider that can be called, and whether it is healthy; from memory, as `GET /health` shows it. */
  statuses(): readonly ProviderStatus[] {
    return this.#service.statuses();
  }

  /** Every provider, whether it is on or off. */
  async list(): Promise<readonly ProviderView[]> {
    await this.#usable();
    return this.#service.list();
  }

  /** One provider. @throws GatewayError `not_found` */
  async get(id: string): Promise<ProviderView> {
    await this.#usable();
    return this.#service.get(id);
  }

  /** Adds a provider. @throws GatewayError `invalid_request`, `conflict`, `not_configured` without a master key, `store_unavailable` */
  async create(provider: NewProvider, actor = APPLICATION): Promise<ProviderView> {
    await this.#usable();
    return this.#service.create(provider, actor);
  }

  /** Changes a provider; calls that run on it are finished as they were. @throws GatewayError as `create`, `not_found` */
  async update(id: string, patch: ProviderPatch, actor = APPLICATION): Promise<ProviderView> {
    await this.#usable();
    return this.#service.update(id, patch, actor);
  }

  /** Takes a provider out of service; calls that run on it are finished. @throws GatewayError `not_found`, `conflict`, `store_unavailable` */
  async delete(id: string, actor = APPLICATION): Promise<void> {
    await this.#usable();
    return this.#service.remove(id, actor);
  }

  /** Forgets every change made at run time, deletions included: the providers are those of the configuration. @throws GatewayError `store_unavailable` */
  async reset(actor = APPLICATION): Promise<void> {
    await this.#usable();
    return this.#service.reset(actor);
  }
}
