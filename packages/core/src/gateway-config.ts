import type { ConfigurationService } from "./http/services.js";
import type { ConfigReload, ConfigView } from "./schemas/config-view.js";
import type { ConfigOptions } from "./spec/config-source.js";

/** The configuration of a gateway: what is in force, and how to change it while the gateway runs. */
export class GatewayConfiguration {
  readonly #service: ConfigurationService;
  readonly #usable: () => Promise<void>;

  /** Made by the gateway. */
  constructor(service: ConfigurationService, usable: () => Promise<void>) {
    this.#service = service;
    this.#usable = usable;
  }

  /** Every value in force and where it comes from, secrets masked: the body of `GET /v1/config`. */
  view(): ConfigView {
    return this.#service.view();
  }

  /**
   * Puts other options into force for every request from now on; requests that run keep those they began with. All of
   * the options, not only what changes: what is left out gets its default. Without an argument `configSource` is read anew.
   * @returns what changed, and what takes a restart
   * @throws GatewayError `invalid_configuration` naming the option, after which nothing has changed; `conflict` without
   * options and without a source
   */
  async reload(options?: ConfigOptions): Promise<ConfigReload> {
    await this.#usable();
    return options ? this.#service.replace(options, {}) : this.#service.reload({});
  }
}
