import type { HostKeysService } from "./http/services.js";
import type { HostKeyView } from "./schemas/host-key.js";
import type { Actor } from "./spec/call.js";

const APPLICATION: Actor = {};

/** The keys of SSH hosts that were remembered when they were first seen, as an application uses them. */
export class GatewayHostKeys {
  readonly #use: () => Promise<HostKeysService>;

  /** Made by the gateway. */
  constructor(use: () => Promise<HostKeysService>) {
    this.#use = use;
  }

  /** In order of their hosts. @throws GatewayError `store_unavailable` */
  async list(): Promise<readonly HostKeyView[]> {
    return (await this.#use()).list();
  }

  /** Forgets a host's key: the next one it shows is remembered in its place. @throws GatewayError `not_found`, `store_unavailable` */
  async delete(id: string, actor = APPLICATION): Promise<void> {
    return (await this.#use()).remove(id, actor);
  }
}
