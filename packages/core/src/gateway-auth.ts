import type { AuthService } from "./http/services.js";
import type { LoginAnswer, LoginRequest, PasswordChange } from "./schemas/login.js";
import type { Actor } from "./spec/call.js";
import type { Identity } from "./spec/http.js";

const APPLICATION: Actor = {};

/** Logins, and whose a credential is, as an application uses them. */
export class GatewayAuth {
  readonly #service: AuthService;
  readonly #usable: () => Promise<void>;

  /** Made by the gateway. */
  constructor(service: AuthService, usable: () => Promise<void>) {
    this.#service = service;
    this.#usable = usable;
  }

  /**
   * Whose API key or token this is; null for nobody's. For applications with an authentication of their own that take
   * the gateway's credentials too.
   */
  async identify(credential: string): Promise<Identity | null> {
    await this.#usable();
    return this.#service.identify(credential);
  }

  /**
   * Turns a password into a token. Name the client's address in `actor`: failures are counted by it.
   * @throws GatewayError `invalid_request`, `unauthorized`, `rate_limit_exceeded`
   */
  async login(request: LoginRequest, actor = APPLICATION): Promise<LoginAnswer> {
    await this.#usable();
    return this.#service.login(request, actor);
  }

  /** Ends a token. @throws GatewayError `invalid_request`, `store_unavailable` */
  async logout(token: string, actor = APPLICATION): Promise<void> {
    await this.#usable();
    return this.#service.logout(token, actor);
  }

  /**
   * Sets another password for the user in `actor`; every token of the user ends.
   * @throws GatewayError `invalid_request`, `unauthorized`, `forbidden`, `rate_limit_exceeded`, `store_unavailable`
   */
  async changePassword(change: PasswordChange, actor: Actor): Promise<LoginAnswer> {
    await this.#usable();
    return this.#service.changePassword(change, actor);
  }
}
