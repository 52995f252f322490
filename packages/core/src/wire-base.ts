import type { EventEmitter } from "eventemitter3";
import { type Clock, systemClock } from "./clock.js";
import type { ResolvedOptions } from "./options.js";
import type { GatewayConfig } from "./schemas/options.js";
import { KnownSecrets } from "./secrets/known-secrets.js";
import { configuredMasterKeys, fetchedMasterKeys, HeldMasterKeys, passingMasterKeys } from "./secrets/master-keys.js";
import { Sealer } from "./secrets/sealer.js";
import type { Emit, GatewayEvents } from "./spec/events.js";
import { type Logger, silentLogger } from "./spec/logger.js";
import type { Store } from "./spec/store.js";
import { memoryStore } from "./stores/memory.js";
import { Notices } from "./wire-notices.js";
import { type RedisParts, wireRedis } from "./wire-redis.js";

/** What every part of a gateway stands on. */
export interface Base {
  readonly clock: Clock;
  /** Lets no secret through that the gateway knows of. */
  readonly logger: Logger;
  /** The secrets that have come in at run time. */
  readonly known: KnownSecrets;
  readonly emit: Emit;
  /** Null for an instance that is alone. */
  readonly redis: RedisParts | null;
  readonly notices: Notices;
  readonly store: Store;
  readonly masterKeys: HeldMasterKeys<GatewayConfig["secrets"]>;
  readonly sealer: Sealer;
  /** A directory of the gateway's own; null for none. */
  readonly journalDir: string | null;
}

/** Builds it. Does no I/O. @throws TypeError naming an option */
export function wireBase(options: ResolvedOptions, emitter: EventEmitter<GatewayEvents>): Base {
  const clock = options.clock ?? systemClock();
  const known = new KnownSecrets();
  const logger = known.guard(options.logger ?? silentLogger);
  const redis = wireRedis(options.config, clock, logger);
  const notices = new Notices(redis?.channel ?? null);
  const store = notices.around(options.store ?? memoryStore());
  const masterKeys = masterKeysFor(options, store);
  const sealer = new Sealer(masterKeys, (secrets) => known.add(secrets));
  const journalDir = options.journalDir ?? null;
  return {
    clock,
    logger,
    known,
    emit: emitting(emitter, logger),
    redis,
    notices,
    store,
    masterKeys,
    sealer,
    journalDir,
  };
}

function masterKeysFor(
  { masterKey, config: { secrets } }: Pick<ResolvedOptions, "masterKey" | "config">,
  { forgets = false }: Store,
): Base["masterKeys"] {
  if (masterKey) return new HeldMasterKeys(fetchedMasterKeys(masterKey), secrets);
  if (!forgets) return new HeldMasterKeys(configuredMasterKeys, secrets);
  const passing = passingMasterKeys(); // where nothing outlives the process, a key need not either
  return new HeldMasterKeys((next) => (next.masterKey ? configuredMasterKeys : passing)(next), secrets);
}

/** Emits to listeners; what one of them throws is logged and hurts nobody. */
function emitting(emitter: EventEmitter<GatewayEvents>, logger: Logger): Emit {
  return (name, event) => {
    if (emitter.listenerCount(name) === 0) return;
    try {
      // One name and its one event: the tuple type is what the two generics cannot see of each other.
      (emitter as unknown as EventEmitter).emit(name, event());
    } catch (error) {
      logger.error({ err: error, event: name }, "a listener threw");
    }
  };
}
