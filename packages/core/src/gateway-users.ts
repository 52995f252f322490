import type { UsersService } from "./http/services.js";
import type { NewUser, UserPatch, UserView } from "./schemas/user.js";
import type { Actor } from "./spec/call.js";

const APPLICATION: Actor = {};

/** Who may log in, as an application uses it. Each change may name on whose behalf it is made; default: the application's own. */
export class GatewayUsers {
  readonly #service: UsersService;
  readonly #usable: () => Promise<void>;

  /** Made by the gateway. */
  constructor(service: UsersService, usable: () => Promise<void>) {
    this.#service = service;
    this.#usable = usable;
  }

  /** Every user, by name. */
  async list(): Promise<readonly UserView[]> {
    await this.#usable();
    return this.#service.list();
  }

  /** One user. @throws GatewayError `not_found` */
  async get(id: string): Promise<UserView> {
    await this.#usable();
    return this.#service.get(id);
  }

  /** Adds a user. @throws GatewayError `invalid_request`, `conflict`, `forbidden`, `store_unavailable` */
  async create(user: NewUser, actor = APPLICATION): Promise<UserView> {
    await this.#usable();
    return this.#service.create(user, actor);
  }

  /**
   * Makes the first admin, called `auth.adminUsername`, where there is no user yet; null where there is one. Its password
   * is this until somebody sets another, or `auth.adminPassword` is configured. @throws GatewayError `store_unavailable`
   */
  async createFirst(password: string): Promise<UserView | null> {
    await this.#usable();
    return this.#service.createFirst(password);
  }

  /** Changes a user, whose logins end. @throws GatewayError `not_found`, `invalid_request`, `conflict`, `forbidden`, `store_unavailable` */
  async update(id: string, patch: UserPatch, actor = APPLICATION): Promise<UserView> {
    await this.#usable();
    return this.#service.update(id, patch, actor);
  }

  /** Removes a user, whose logins and keys end. @throws GatewayError `not_found`, `conflict`, `forbidden`, `store_unavailable` */
  async delete(id: string, actor = APPLICATION): Promise<void> {
    await this.#usable();
    return this.#service.remove(id, actor);
  }
}
