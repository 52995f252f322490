import type { Clock } from "../clock.js";
import { GatewayError } from "../errors.js";
import { LiveEntries, type LiveEntriesOptions } from "../live-entries.js";
import { NewUser, type StoredUser, USERS, UserPatch, type UserView } from "../schemas/user.js";
import { validate } from "../schemas/validate.js";
import type { RecordAudit } from "../spec/audit.js";
import type { Actor } from "../spec/call.js";
import type { Passwords } from "./password.js";
import type { Revocation } from "./revocations.js";
import { assertUnrestricted } from "./rights.js";

/** The first admin, as the configuration has it. */
export interface FirstAdmin {
  readonly username: string;
  /** Null for none: then no user is made. */
  readonly password: string | null;
}

/** What {@link Users} works with. */
export interface UsersOptions {
  readonly store: LiveEntriesOptions<StoredUser>["store"];
  readonly clock: Clock;
  readonly passwords: Passwords;
  readonly firstAdmin: FirstAdmin;
  /** Characters a new password must have. */
  readonly minPasswordLength: number;
  readonly audit: RecordAudit;
  /** Told of each login that ends before its time. */
  readonly onRevoke: (revocation: Revocation) => void;
  /** Called when any user changed, here or on another instance. */
  readonly onSwap: () => void;
  readonly onError: LiveEntriesOptions<StoredUser>["onError"];
}

/** More logouts than these at once, and all of the user's tokens end instead. */
const MAX_REVOKED = 100;

/** Everybody who may log in. Reading is synchronous and from memory. */
export class Users {
  readonly #options: UsersOptions;
  readonly #entries: LiveEntries<StoredUser>;

  constructor(options: UsersOptions) {
    const { store, onSwap, onError } = options;
    this.#options = options;
    this.#entries = new LiveEntries({ store, kind: USERS, onSwap, onError });
  }

  /** @throws GatewayError `store_unavailable` */
  open(): Promise<void> {
    return this.#entries.open();
  }

  close(): void {
    this.#entries.close();
  }

  /** The user of that name as it is now. */
  find(id: string): StoredUser | undefined {
    return this.#entries.entries.get(id) ?? undefined;
  }

  /** Every user, by name. */
  list(): readonly StoredUser[] {
    const users = [...this.#entries.entries.values()].filter((user) => user !== null);
    return users.sort((one, other) => (one.id < other.id ? -1 : 1));
  }

  /** @throws GatewayError `not_found` */
  get(id: string): StoredUser {
    const user = this.find(id);
    if (!user) throw notFound(id);
    return user;
  }

  /** @throws GatewayError `invalid_request`, `conflict`, `forbidden`, `store_unavailable` */
  async create(input: NewUser, actor: Actor): Promise<StoredUser> {
    assertUnrestricted(actor.identity);
    const { username, password, role, terminals } = validate(NewUser, input);
    this.#assertPassword(password);
    const lower = username.toLowerCase();
    if (this.list().some(({ id }) => id.toLowerCase() === lower)) throw taken(username);
    const passwordHash = await this.#options.passwords.hash(password);
    const user = { ...this.#blank(username, passwordHash), role, terminals };
    await this.#entries.create(username, user);
    this.#options.audit({ action: "user.create", target: username, details: { role } }, actor);
    return user;
  }

  /** @throws GatewayError `not_found`, `invalid_request`, `conflict`, `forbidden`, `store_unavailable` */
  async update(id: string, patch: UserPatch, actor: Actor): Promise<StoredUser> {
    assertUnrestricted(actor.identity);
    this.get(id);
    const { password, role, terminals } = validate(UserPatch, patch);
    if (password !== undefined) this.#assertPassword(password);
    if (role !== undefined && role !== "admin") this.#assertOtherAdmin(id);
    const hash = password === undefined ? null : await this.#options.passwords.hash(password);
    const user = await this.#change(id, (current) => ({
      ...current,
      ...(hash === null ? {} : { passwordHash: hash, hasFirstPassword: false }),
      role: role ?? current.role,
      terminals: terminals ?? current.terminals,
      tokenVersion: current.tokenVersion + 1,
    }));
    this.#revoked(user);
    this.#options.audit(
      { action: "user.update", target: id, details: { fields: Object.keys(patch).join(",") } },
      actor,
    );
    return user;
  }

  /** @throws GatewayError `not_found`, `conflict`, `forbidden`, `store_unavailable` */
  async remove(id: string, actor: Actor): Promise<void> {
    assertUnrestricted(actor.identity);
    this.get(id);
    this.#assertOtherAdmin(id);
    const { tokenVersion } = this.get(id);
    await this.#entries.update(id, (current) => {
      if (!current) throw notFound(id);
      return null;
    });
    this.#options.onRevoke({ what: "user", id, version: tokenVersion + 1 });
    this.#options.audit({ action: "user.delete", target: id }, actor);
  }

  /** Sets a password; every token of the user ends. @throws GatewayError `invalid_request`, `store_unavailable` */
  async setPassword(id: string, password: string): Promise<StoredUser> {
    this.#assertPassword(password);
    const passwordHash = await this.#options.passwords.hash(password);
    const user = await this.#change(id, (current) => ({
      ...current,
      passwordHash,
      hasFirstPassword: false,
      tokenVersion: current.tokenVersion + 1,
    }));
    this.#revoked(user);
    return user;
  }

  /** Replaces a hash by one of another cost of the same password; nothing else changes. */
  async rehash({ id, passwordHash: old }: StoredUser, password: string): Promise<void> {
    const passwordHash = await this.#options.passwords.hash(password);
    await this.#change(id, (current) => (current.passwordHash === old ? { ...current, passwordHash } : current));
  }

  /** Ends one token. @throws GatewayError `store_unavailable` */
  async revoke(id: string, token: { readonly jti: string; readonly exp: number }): Promise<void> {
    const now = this.#options.clock.now() / 1_000;
    const user = await this.#change(id, (current) => {
      const revoked = [...current.revoked.filter(({ exp }) => exp > now), token];
      if (revoked.length <= MAX_REVOKED) return { ...current, revoked };
      return { ...current, revoked: [], tokenVersion: current.tokenVersion + 1 };
    });
    this.#options.onRevoke({ what: "token", id: token.jti, until: token.exp });
    if (user.revoked.length === 0) this.#revoked(user);
  }

  /**
   * Makes the first admin, with this password, where there is nobody yet; the configured password may take its place.
   * Null where somebody is there. @throws GatewayError `store_unavailable`
   */
  async createFirst(password: string): Promise<StoredUser | null> {
    if (this.list().length > 0) return null;
    const { username } = this.#options.firstAdmin;
    const admin = this.#firstAdmin(username, await this.#options.passwords.hash(password));
    const kept = await this.#entries.update(username, (current) => current ?? admin);
    return kept.passwordHash === admin.passwordHash ? kept : null; // another process was faster
  }

  /**
   * Sees to it that there is an admin, and that the configured password is its password until somebody has set another.
   * Several instances may do this at once.
   */
  async seed(): Promise<void> {
    const { firstAdmin, passwords } = this.#options;
    const { username, password } = firstAdmin;
    if (password === null) return;
    const known = this.find(username);
    if (!known && this.list().some(({ role }) => role === "admin")) return;
    if (known && !known.hasFirstPassword) return;
    if (known && (await passwords.verify(password, known.passwordHash))) return;
    const passwordHash = await passwords.hash(password);
    await this.#entries.update(username, (current) => {
      if (!current) return this.#firstAdmin(username, passwordHash);
      if (current.passwordHash !== known?.passwordHash) return current; // another instance was faster
      return { ...current, passwordHash, tokenVersion: current.tokenVersion + 1 };
    });
  }

  /** Every login from before this change has ended. */
  #revoked({ id, tokenVersion }: StoredUser): void {
    this.#options.onRevoke({ what: "user", id, version: tokenVersion });
  }

  #firstAdmin(username: string, passwordHash: string): StoredUser {
    return { ...this.#blank(username, passwordHash), role: "admin", hasFirstPassword: true };
  }

  #blank(id: string, passwordHash: string): StoredUser {
    const now = this.#options.clock.now();
    return {
      id,
      role: "viewer",
      terminals: [],
      passwordHash,
      hasFirstPassword: false,
      // Tokens of a deleted user of the same name have another one.
      tokenVersion: Math.floor(now),
      revoked: [],
      createdAt: new Date(now).toISOString(),
    };
  }

  #change(id: string, change: (current: StoredUser) => StoredUser): Promise<StoredUser> {
    return this.#entries.update(id, (current) => {
      if (!current) throw notFound(id);
      return change(current);
    });
  }

  #assertPassword(password: string): void {
    const { minPasswordLength } = this.#options;
    if ([...password].length >= minPasswordLength) return;
    throw new GatewayError("invalid_request", {
      param: "password",
      details: `password: must have at least ${minPasswordLength} characters`,
    });
  }

  #assertOtherAdmin(id: string): void {
    const others = this.list().filter((user) => user.role === "admin" && user.id !== id);
    if (this.get(id).role !== "admin" || others.length > 0) return;
    throw new GatewayError("conflict", { details: `${id} is the last admin` });
  }
}

/** A user as answers show it. */
export function userView({ id, role, terminals, createdAt }: StoredUser): UserView {
  return { id, username: id, role, terminals, createdAt };
}

function taken(username: string): GatewayError {
  return new GatewayError("conflict", { param: "username", details: `there is a user ${username} already` });
}

function notFound(id: string): GatewayError {
  return new GatewayError("not_found", { details: `there is no user ${id.slice(0, 64)}` });
}
