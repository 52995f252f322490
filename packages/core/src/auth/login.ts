import type { Clock } from "../clock.js";
import { GatewayError } from "../errors.js";
import { type LoginAnswer, LoginRequest, PasswordChange } from "../schemas/login.js";
import type { StoredUser } from "../schemas/user.js";
import { validate } from "../schemas/validate.js";
import type { RecordAudit } from "../spec/audit.js";
import type { Actor } from "../spec/call.js";
import type { Tokens } from "./jwt.js";
import type { LoginAttempt } from "./login-throttle.js";
import type { Passwords } from "./password.js";
import type { Users } from "./users.js";

/** What {@link Login} works with. */
export interface LoginOptions {
  readonly clock: Clock;
  readonly users: Users;
  readonly passwords: Passwords;
  readonly tokens: Tokens;
  readonly throttle: {
    /** @throws GatewayError `rate_limit_exceeded` */
    begin(username: string, address: string): LoginAttempt | Promise<LoginAttempt>;
  };
  readonly audit: RecordAudit;
  /** Resolves once the first admin is there. */
  readonly seeded: () => Promise<void>;
  /** Takes what failed and hurts nobody. */
  readonly onError: (error: unknown) => void;
}

/** Turns passwords into tokens, and ends tokens. */
export class Login {
  readonly #options: LoginOptions;

  constructor(options: LoginOptions) {
    this.#options = options;
  }

  /** @throws GatewayError `invalid_request`, `unauthorized`, `rate_limit_exceeded` */
  async login(input: LoginRequest, actor: Actor): Promise<LoginAnswer> {
    const { username, password } = validate(LoginRequest, input);
    await this.#options.seeded();
    return this.#answer(await this.#verified(username, password, actor));
  }

  /** Ends the token a caller has come with. @throws GatewayError `invalid_request`, `store_unavailable` */
  async logout(token: string, actor: Actor): Promise<void> {
    const claims = await this.#options.tokens.verify(token);
    if (!claims) throw new GatewayError("invalid_request", { details: "there is no login to end; a key is deleted" });
    await this.#options.users.revoke(claims.sub, { jti: claims.jti, exp: claims.exp });
    this.#options.audit({ action: "logout", target: claims.sub }, actor);
  }

  /** Ends every token of the user and gives a new one. @throws GatewayError as `login`, `forbidden`, `store_unavailable` */
  async changePassword(input: PasswordChange, actor: Actor): Promise<LoginAnswer> {
    const { identity } = actor;
    if (identity?.kind !== "user") throw new GatewayError("forbidden", { details: "only a user has a password" });
    const { currentPassword, newPassword } = validate(PasswordChange, input);
    await this.#verified(identity.id, currentPassword, actor);
    const user = await this.#options.users.setPassword(identity.id, newPassword);
    this.#options.audit({ action: "user.password", target: user.id }, actor);
    return this.#answer(user);
  }

  async #answer({ id, role, tokenVersion }: StoredUser): Promise<LoginAnswer> {
    const token = await this.#options.tokens.sign({ sub: id, role, tv: tokenVersion });
    return { token, user: { id, username: id, role } };
  }

  /** The user of a name and a password. Whether the name or the password is wrong shows neither in words nor in time. */
  async #verified(username: string, password: string, actor: Actor): Promise<StoredUser> {
    const { users, passwords, throttle, clock, audit } = this.#options;
    const attempt = await throttle.begin(username, actor.address ?? "nowhere");
    let failed = false;
    try {
      if (attempt.delayMs > 0) await new Promise<void>((resolve) => clock.after(attempt.delayMs, resolve));
      const user = users.find(username);
      const isRight = await passwords.verify(password, user?.passwordHash);
      failed = !isRight;
      if (!user || !isRight) throw new GatewayError("unauthorized", { details: "username or password is wrong" });
      attempt.succeeded();
      if (passwords.isOutdated(user.passwordHash)) await users.rehash(user, password).catch(this.#options.onError);
      audit({ action: "login", target: user.id }, actor);
      return user;
    } catch (error) {
      // A name nobody has may be a password that was typed into the wrong field.
      if (failed) audit({ action: "login", target: users.find(username)?.id ?? null, outcome: "refused" }, actor);
      throw error;
    } finally {
      if (!failed) attempt.withdraw();
    }
  }
}
