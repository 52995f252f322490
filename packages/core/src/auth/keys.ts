import { timingSafeEqual } from "node:crypto";
import type { Clock } from "../clock.js";
import { GatewayError } from "../errors.js";
import { LiveEntries, type LiveEntriesOptions } from "../live-entries.js";
import {
  ApiKeyPatch,
  type ApiKeySecret,
  type ApiKeyView,
  KEYS,
  NewApiKey,
  Rotation,
  type StoredKey,
} from "../schemas/api-key.js";
import { validate } from "../schemas/validate.js";
import type { RecordAudit } from "../spec/audit.js";
import type { Actor } from "../spec/call.js";
import { type Identity, isAtLeast } from "../spec/http.js";
import { digestOf, keyIdOf, newApiKey, newKeyId, shownPrefix } from "./api-key.js";
import { ConnectionDigests } from "./connection-digests.js";
import { keyIdentity } from "./key-identity.js";
import { KeyUses } from "./key-uses.js";
import type { Revocation, Revocations } from "./revocations.js";
import { assertUnmeasured, assertWithin, withinRights } from "./rights.js";
import type { Users } from "./users.js";

/** What {@link Keys} works with. */
export interface KeysOptions {
  readonly store: LiveEntriesOptions<StoredKey>["store"];
  readonly clock: Clock;
  readonly users: Pick<Users, "find">;
  readonly audit: RecordAudit;
  readonly revocations: Pick<Revocations, "hasKey">;
  /** Told of each key that ends. */
  readonly onRevoke: (revocation: Revocation) => void;
  readonly onError: LiveEntriesOptions<StoredKey>["onError"];
}

/** A key as requests are held against it. */
interface HeldKey {
  readonly hash: Buffer;
  readonly previous: { readonly hash: Buffer; readonly until: number } | null;
  readonly identity: Identity;
  /** Milliseconds since the epoch; 0 for never, here. */
  usedAt: number;
}

/** Every API key. A request's key is found in memory: a store that is slow or dead delays nobody. */
export class Keys {
  readonly #options: KeysOptions;
  readonly #entries: LiveEntries<StoredKey>;
  readonly #uses: KeyUses;
  readonly #digests = new ConnectionDigests();
  #held: ReadonlyMap<string, HeldKey> = new Map();

  constructor(options: KeysOptions) {
    const { store, clock, onError = () => {} } = options;
    this.#options = options;
    this.#uses = new KeyUses({ store, clock, here: () => this.#usedHere(), onError });
    this.#entries = new LiveEntries({ store, kind: KEYS, onSwap: () => this.refresh(), onError });
  }

  /** @throws GatewayError `store_unavailable` */
  async open(): Promise<void> {
    await Promise.all([this.#entries.open(), this.#uses.open()]);
  }

  /** Keeps what is not kept yet. */
  flush(): Promise<void> {
    return this.#uses.flush();
  }

  close(): void {
    this.#entries.close();
    this.#uses.close();
  }

  /** Builds the index anew: for a change of keys, and of users, whose roles their keys never exceed. */
  refresh(): void {
    const held = new Map<string, HeldKey>();
    for (const key of this.#all()) {
      const identity = keyIdentity(key, this.#options.users);
      const usedAt = this.#held.get(key.id)?.usedAt ?? 0;
      if (identity) held.set(key.id, { hash: bytes(key.hash), previous: previousOf(key), identity, usedAt });
    }
    this.#held = held;
  }

  /** Whose key this is; null for none, or one that has ended. */
  identify(credential: string, connection?: object): Identity | null {
    const id = keyIdOf(credential) ?? "";
    const held = this.#held.get(id);
    if (!held || this.#options.revocations.hasKey(id)) return null;
    const now = this.#options.clock.now();
    const digest = this.#digests.of(credential, connection);
    const { hash, previous, identity } = held;
    const isOld = previous !== null && now < previous.until && timingSafeEqual(digest, previous.hash);
    if (!timingSafeEqual(digest, hash) && !isOld) return null;
    if (identity.expiresAt !== undefined && now >= identity.expiresAt) return null;
    held.usedAt = now;
    return identity;
  }

  /** The keys a caller may see: an admin all, others their own. The newest come first. */
  list({ identity }: Actor): readonly ApiKeyView[] {
    const own = [...this.#all()].filter((key) => isTheirs(key, identity));
    return own.sort((one, other) => (one.createdAt > other.createdAt ? -1 : 1)).map((key) => this.#view(key));
  }

  /** @throws GatewayError `not_found`, also for a key of somebody else */
  get(id: string, { identity }: Actor): ApiKeyView {
    const key = this.#entries.entries.get(id);
    if (!key || !isTheirs(key, identity)) throw notFound(id);
    return this.#view(key);
  }

  /** @throws GatewayError `invalid_request`, `forbidden`, `store_unavailable` */
  async create(input: NewApiKey, actor: Actor): Promise<ApiKeySecret> {
    const { identity } = actor;
    const wanted = validate(NewApiKey, input);
    assertUnmeasured(identity);
    this.#assertFuture(wanted.expiresAt);
    const id = newKeyId();
    const secret = newApiKey(id);
    const key: StoredKey = {
      ...wanted,
      ...withinRights(wanted, identity),
      id,
      hash: digestOf(secret).toString("hex"),
      previous: null,
      userId: this.#ownerOf(wanted.userId, identity),
      createdBy: { id: identity?.id ?? "system", kind: identity ? (identity.kind ?? "host") : "system" },
      createdAt: new Date(this.#options.clock.now()).toISOString(),
    };
    await this.#entries.create(id, key);
    this.#options.audit({ action: "key.create", target: id, details: { role: key.role } }, actor);
    return { key: this.#view(key), secret };
  }

  /** @throws GatewayError `not_found`, `invalid_request`, `forbidden`, `store_unavailable` */
  async update(id: string, patch: ApiKeyPatch, actor: Actor): Promise<ApiKeyView> {
    const changes = validate(ApiKeyPatch, patch);
    if (changes.expiresAt) this.#assertFuture(changes.expiresAt);
    const key = await this.#change(id, actor, (current) => {
      const next = { ...current, ...defined(changes) };
      return { ...next, ...withinRights(next, actor.identity) };
    });
    const fields = Object.keys(changes).join(",");
    this.#options.audit({ action: "key.update", target: id, details: { fields } }, actor);
    return this.#view(key);
  }

  /** A new secret under the same id; the old one is good a while longer. @throws GatewayError as `update` */
  async rotate(id: string, options: Rotation, actor: Actor): Promise<ApiKeySecret> {
    const { overlapSeconds } = validate(Rotation, options);
    const secret = newApiKey(id);
    const until = new Date(this.#options.clock.now() + overlapSeconds * 1_000).toISOString();
    const key = await this.#change(id, actor, (current) => {
      assertWithin(current, actor.identity); // who rotates a key holds it
      const previous = overlapSeconds > 0 ? { hash: current.hash, until } : null;
      return { ...current, hash: digestOf(secret).toString("hex"), previous };
    });
    this.#options.audit({ action: "key.rotate", target: id, details: { overlapSeconds } }, actor);
    return { key: this.#view(key), secret };
  }

  /** Ends a key. @throws GatewayError `not_found`, `store_unavailable` */
  async remove(id: string, actor: Actor): Promise<void> {
    this.get(id, actor);
    await this.#entries.update(id, (current) => {
      if (!current) throw notFound(id);
      return undefined;
    });
    this.#options.onRevoke({ what: "key", id });
    void this.#uses.forget(id);
    this.#options.audit({ action: "key.delete", target: id }, actor);
  }

  /** A key as answers show it. */
  #view({ hash: _hash, previous, ...shown }: StoredKey): ApiKeyView {
    const { id } = shown;
    const used = this.#uses.last(id, this.#held.get(id)?.usedAt ?? 0);
    const lastUsedAt = used > 0 ? new Date(used).toISOString() : null;
    return { ...shown, prefix: shownPrefix(id), lastUsedAt, previousUntil: previous?.until ?? null };
  }

  *#usedHere(): Iterable<readonly [string, number]> {
    for (const [id, { usedAt }] of this.#held) yield [id, usedAt];
  }

  *#all(): Iterable<StoredKey> {
    for (const key of this.#entries.entries.values()) if (key) yield key;
  }

  async #change(id: string, actor: Actor, change: (current: StoredKey) => StoredKey): Promise<StoredKey> {
    assertUnmeasured(actor.identity);
    this.get(id, actor);
    return this.#entries.update(id, (current) => {
      if (!current) throw notFound(id);
      return change(current);
    });
  }

  /** An admin may give a key to any user; everybody else keeps it. */
  #ownerOf(wanted: string | undefined, identity: Identity | undefined): string | null {
    const own = identity?.kind === "user" ? identity.id : (identity?.userId ?? null);
    if (wanted === undefined || wanted === own) return identity?.kind === "host" ? null : own;
    if (identity && identity.role !== "admin") {
      throw new GatewayError("forbidden", { param: "userId", details: "userId: only an admin gives keys to others" });
    }
    if (this.#options.users.find(wanted)) return wanted;
    throw new GatewayError("invalid_request", { param: "userId", details: "userId: there is no such user" });
  }

  #assertFuture(expiresAt: string | null): void {
    if (expiresAt === null || Date.parse(expiresAt) > this.#options.clock.now()) return;
    throw new GatewayError("invalid_request", { param: "expiresAt", details: "expiresAt: must be in the future" });
  }
}

function isTheirs({ userId, createdBy, role }: StoredKey, identity: Identity | undefined): boolean {
  if (!identity || identity.role === "admin") return true;
  if (!isAtLeast(identity.role, role)) return false;
  if (userId !== null) return userId === (identity.userId ?? identity.id);
  return createdBy.id === identity.id && createdBy.kind === (identity.kind ?? "host");
}

function previousOf({ previous }: StoredKey): HeldKey["previous"] {
  return previous && { hash: bytes(previous.hash), until: Date.parse(previous.until) };
}

function bytes(hex: string): Buffer {
  return Buffer.from(hex, "hex");
}

/** The fields of a patch that say something. */
function defined<Patch extends object>(patch: Patch): { [Field in keyof Patch]: Exclude<Patch[Field], undefined> } {
  const entries = Object.entries(patch).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Field in keyof Patch]: Exclude<Patch[Field], undefined> }; // what is left
}

function notFound(id: string): GatewayError {
  return new GatewayError("not_found", { details: `there is no key ${id.slice(0, 64)}` });
}
