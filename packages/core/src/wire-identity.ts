import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { AuditLog } from "./audit/audit-log.js";
import { auditPage } from "./audit/audit-pages.js";
import { AuditSpool } from "./audit/audit-spool.js";
import { refusalRecorder } from "./audit/refusals.js";
import { isWholeKey } from "./auth/api-key.js";
import { authenticator } from "./auth/authenticator.js";
import { Tokens } from "./auth/jwt.js";
import { configuredKeyring, isTooShort } from "./auth/keyring.js";
import { Keys } from "./auth/keys.js";
import { Login } from "./auth/login.js";
import { LoginThrottle } from "./auth/login-throttle.js";
import { Passwords } from "./auth/password.js";
import { type Revocation, Revocations } from "./auth/revocations.js";
import { scryptHasher } from "./auth/scrypt.js";
import { SharedLoginThrottle } from "./auth/shared-login-throttle.js";
import { Users, userView } from "./auth/users.js";
import type { Clock } from "./clock.js";
import type { AuditService, AuthService, KeysService, UsersService } from "./http/services.js";
import type { Me } from "./schemas/login.js";
import type { GatewayConfig } from "./schemas/options.js";
import type { RecordAudit } from "./spec/audit.js";
import type { Identity } from "./spec/http.js";
import type { Logger } from "./spec/logger.js";
import type { PasswordHasher } from "./spec/password-hasher.js";
import type { Store } from "./spec/store.js";
import type { Notices } from "./wire-notices.js";
import type { RedisParts } from "./wire-redis.js";

/** What the parts that know callers are made from. */
export interface IdentityDeps {
  readonly config: GatewayConfig;
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How passwords are kept. @defaultValue scrypt */
  readonly passwordHasher: PasswordHasher | undefined;
  /** Where failed logins are counted with other instances; null for here alone. */
  readonly redis: Pick<RedisParts, "link"> | null;
  readonly notices: Notices;
  /** The directory for what must outlive the process before the store has it; null for none. */
  readonly journalDir: string | null;
}

/** The parts that know callers, and book what they do. */
export interface IdentityParts {
  readonly auth: AuthService;
  readonly users: UsersService;
  readonly keys: KeysService;
  readonly audit: AuditService;
  readonly record: RecordAudit;
  /** Finds what is wrong with another configuration; what it returns takes it over. @throws TypeError naming an option */
  prepare(next: GatewayConfig): () => void;
  open(): Promise<void>;
  /** Writes what is left of the audit log, and of when keys were used. */
  end(): Promise<void>;
  close(): void;
}

/** NIST SP 800-63B 5.1.1.2 asks for as many at least. */
const MIN_PASSWORD_LENGTH = 8;
const MIN_ADMIN_PASSWORD_LENGTH = 12;

/** Builds them. Does no I/O. @throws TypeError naming an option */
export function wireIdentity(deps: IdentityDeps): IdentityParts {
  const { config, store, clock, logger, passwordHasher, redis, notices, journalDir } = deps;
  const { mode, auth } = config;
  const spool = journalDir === null ? null : auditSpool(journalDir, config, { clock, logger });
  const log = new AuditLog({ store: store.audit, clock, logger, spool });
  const record: RecordAudit = (event, actor) => log.record(event, actor);
  const onError = (error: unknown) => logger.error({ err: error }, "could not read what another instance changed");
  if (isTooShort(auth.jwtSecret))
    logger.warn({}, "auth.jwtSecret is too short and not used: logins end with this process");
  const revocations = new Revocations();
  notices.onRevocation((revocation) => revocations.add(revocation));
  const onRevoke = (revocation: Revocation) => notices.revoke(revocation);
  const local = new LoginThrottle(clock);
  const passwords = new Passwords(passwordHasher ?? scryptHasher());
  const tokens = new Tokens({ keyring: configuredKeyring(config), clock, ttlSeconds: auth.tokenTtlSeconds });
  const users: Users = new Users({
    store,
    clock,
    passwords,
    firstAdmin: { username: auth.adminUsername, password: adminPassword(config) },
    minPasswordLength: mode === "production" ? MIN_PASSWORD_LENGTH : 1,
    audit: record,
    onRevoke,
    onSwap: () => keys.refresh(),
    onError,
  });
  const keys = new Keys({ store, clock, users, audit: record, revocations, onRevoke, onError });
  let seeding: Promise<void> | null = null;
  const login = new Login({
    clock,
    users,
    passwords,
    tokens,
    throttle: redis ? new SharedLoginThrottle({ link: redis.link, clock, local }) : local,
    audit: record,
    seeded: () => seeding ?? Promise.resolve(),
    onError: (error) => logger.warn({ err: error }, "a password could not be hashed anew"),
  });

  let signing = config.auth;
  function prepare(next: GatewayConfig): () => void {
    const keyring = configuredKeyring(next);
    return () => {
      const isSame = isDeepStrictEqual(signingOf(signing), signingOf(next.auth));
      if (!isSame) tokens.configure({ keyring, ttlSeconds: next.auth.tokenTtlSeconds });
      signing = next.auth;
    };
  }

  function describe(identity: Identity): Me | null {
    const { kind = "host", id, role } = identity;
    if (kind === "anonymous") return null;
    if (kind === "key") return { key: keys.get(id, {}) };
    return { user: kind === "user" ? userView(users.get(id)) : { id, username: id, role } };
  }

  return {
    auth: {
      identify: authenticator({ keys, users, tokens, revocations }),
      faultOf: (credential) =>
        credential.startsWith("slc_") && !isWholeKey(credential) ? "this API key is mistyped or cut off" : null,
      describe,
      login: (input, actor) => login.login(input, actor),
      logout: (token, actor) => login.logout(token, actor),
      changePassword: (input, actor) => login.changePassword(input, actor),
    },
    users: {
      list: () => users.list().map(userView),
      get: (id) => userView(users.get(id)),
      create: async (input, actor) => userView(await users.create(input, actor)),
      async createFirst(password) {
        await seeding;
        const user = await users.createFirst(password);
        return user && userView(user);
      },
      update: async (id, patch, actor) => userView(await users.update(id, patch, actor)),
      remove: (id, actor) => users.remove(id, actor),
    },
    keys,
    audit: {
      refused: refusalRecorder(record, clock),
      async list(query) {
        await log.flush(); // whoever has done something finds it
        return auditPage(store.audit, query);
      },
    },
    record,
    prepare,
    async open() {
      log.open();
      await Promise.all([users.open(), keys.open()]);
      // A hash takes a quarter of a second: logins wait for it, nobody else.
      seeding ??= users
        .seed()
        .catch((error: unknown) => logger.error({ err: error }, "the first admin could not be made"));
    },
    async end() {
      await Promise.all([log.close(), keys.flush()]);
    },
    close() {
      users.close();
      keys.close();
    },
  };
}

/** What tokens are signed with: without a secret, each keyring has one of its own, which is not given up without need. */
function signingOf({ jwtSecret, retiredJwtSecrets, tokenTtlSeconds }: GatewayConfig["auth"]) {
  return { jwtSecret, retiredJwtSecrets, tokenTtlSeconds };
}

function auditSpool(journalDir: string, { usage }: GatewayConfig, deps: Pick<IdentityDeps, "clock" | "logger">) {
  return new AuditSpool({ ...deps, directory: join(journalDir, "audit"), durability: usage.durability });
}

function adminPassword({ mode, auth }: GatewayConfig): string | null {
  const { adminPassword: password } = auth;
  if (password && mode === "production" && password.length < MIN_ADMIN_PASSWORD_LENGTH) {
    const least = `at least ${MIN_ADMIN_PASSWORD_LENGTH} characters`;
    throw new TypeError(`Gateway options: auth.adminPassword: must have ${least} in production`);
  }
  return password || null;
}
