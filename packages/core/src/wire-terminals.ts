import type { Clock } from "./clock.js";
import { GatewayError } from "./errors.js";
import type { HostKeysService, PresetsService, TerminalsService } from "./http/services.js";
import type { RedisLink } from "./redis/redis-link.js";
import type { RedisMailbox } from "./redis/redis-mailbox.js";
import type { GatewayConfig } from "./schemas/options.js";
import type { Sealer } from "./secrets/sealer.js";
import type { RecordAudit } from "./spec/audit.js";
import type { ServeCarried } from "./spec/carried-call.js";
import type { TerminalType } from "./spec/http.js";
import type { Logger } from "./spec/logger.js";
import type { Store } from "./spec/store.js";
import type { TerminalDriver } from "./spec/terminal.js";
import type { Elsewhere } from "./terminal/elsewhere/elsewhere.js";
import type { HoldsSecret } from "./terminal/internal/key-variables.js";
import type { TerminalManager } from "./terminal/manager.js";
import { Presets } from "./terminal/presets.js";
import type { RemoteTerminals } from "./terminal/remote-terminals.js";
import type { RedisParts } from "./wire-redis.js";

/** What terminals work with. */
export interface TerminalParts {
  readonly config: GatewayConfig["terminal"];
  /** Drivers the application brought itself; each stands in for the built-in one of its kind. */
  readonly ownDrivers: readonly TerminalDriver[];
  /** Where host keys are remembered, and prepared connections kept. */
  readonly store: Pick<Store, "name" | "entries" | "subscribe" | "announce">;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly record: RecordAudit;
  /** Whether a secret of the gateway's stands in a text. */
  readonly holdsSecret: HoldsSecret;
  /** What ties several instances together; null for one alone. */
  readonly shared: SharedTerminals | null;
}

/** What instances on one Redis know of each other's terminals by. */
export interface SharedTerminals {
  readonly link: RedisLink;
  /** What they share: who does not know it is no instance of this gateway. */
  readonly secret: string;
  mailbox(name: string): RedisMailbox;
  readonly serve: ServeCarried;
}

/** Instances carry calls to each other's terminals where they share a Redis, and a secret that nobody else in it knows. */
export function sharedTerminals(
  { auth }: GatewayConfig,
  redis: RedisParts | null,
  serve: ServeCarried,
): SharedTerminals | null {
  return redis && auth.jwtSecret ? { ...redis, secret: auth.jwtSecret, serve } : null;
}

/** Terminals, of which nothing is loaded before the first is asked for. */
export interface LazyTerminals {
  /** @throws GatewayError `forbidden` where terminals are switched off */
  use(): Promise<TerminalsService>;
  /** @throws GatewayError `store_unavailable` */
  hostKeys(): Promise<HostKeysService>;
  readonly presets: PresetsService;
  /** Reads the prepared connections. @throws GatewayError `store_unavailable` */
  open(): Promise<void>;
  /** @throws GatewayError `not_configured`, `store_unavailable` where a prepared connection's secrets do not open */
  assertReadable(): void;
  /** @throws GatewayError `not_configured`, `store_unavailable` */
  reseal(): Promise<number>;
  /** Goes by other rules from now on. Where they switch terminals off, those that are open end. */
  configure(next: TerminalParts["config"]): void;
  close(): Promise<void>;
}

type Load = (parts: TerminalParts, remote: () => Promise<RemoteTerminals>) => Promise<TerminalDriver>;

/** The drivers of this package; each is loaded when the first of its terminals is opened. */
const BUILT_IN: Readonly<Record<TerminalType, Load>> = {
  local: async ({ config: { shells, env, runAs, limits } }) => {
    const { localTerminals } = await import("./terminal/local.js");
    return localTerminals({ shells, env, runAs: runAs ?? undefined, limits });
  },
  ssh: async (_parts, remote) => (await remote()).ssh,
  telnet: async (_parts, remote) => (await remote()).telnet,
};

/** Builds the terminals of a gateway; does no I/O. */
export function wireTerminals(parts: TerminalParts): LazyTerminals {
  const drivers = new Map<TerminalType, Promise<TerminalDriver>>();
  for (const driver of parts.ownDrivers) drivers.set(driver.type, Promise.resolve(driver));
  let service: Promise<TerminalManager> | null = null;
  let opened: Promise<RemoteTerminals> | null = null;
  const { store, sealer, clock, logger, record: audit } = parts;
  const config = { ...parts.config }; // what may change while it is in use is looked up here, each time
  const onError = (error: unknown) => logger.warn({ err: error }, "the prepared connections could not be read again");
  const presets = new Presets({ configured: config.presets, store, sealer, clock, audit, onError });

  function driver(type: TerminalType): Promise<TerminalDriver> {
    const known = drivers.get(type) ?? BUILT_IN[type](parts, remote);
    drivers.set(type, known);
    known.catch(() => drivers.delete(type)); // such as a store that was away; the next one tries again
    return known;
  }

  function remote(): Promise<RemoteTerminals> {
    opened ??= import("./terminal/remote-terminals.js")
      .then(({ RemoteTerminals }) => RemoteTerminals.open({ ...parts, presets }))
      .catch((error: unknown) => {
        opened = null;
        throw error;
      });
    return opened;
  }

  async function others({ link, secret, mailbox, serve }: SharedTerminals): Promise<Elsewhere> {
    const { Elsewhere } = await import("./terminal/elsewhere/elsewhere.js");
    const { Envelope } = await import("./terminal/elsewhere/envelope.js");
    const envelope = new Envelope(secret, clock);
    const instance = clock.id("");
    const elsewhere = new Elsewhere({ link, mailbox: mailbox(instance), instance, envelope, serve, clock, logger });
    await elsewhere.open();
    return elsewhere;
  }

  async function start(): Promise<TerminalManager> {
    const { TerminalManager } = await import("./terminal/manager.js");
    return new TerminalManager({ ...parts, config, driver, elsewhere: parts.shared && (await others(parts.shared)) });
  }

  return {
    async use() {
      if (config.mode === "off") {
        throw new GatewayError("forbidden", { details: "terminals are switched off (terminal.mode)" });
      }
      service ??= start();
      return service;
    },
    async hostKeys() {
      const { hostKeys } = await remote();
      return {
        list: () => hostKeys.list(),
        async remove(id, actor) {
          await hostKeys.remove(id);
          audit({ action: "terminal.hostkey.delete", target: id.slice(0, 300) }, actor);
        },
      };
    },
    presets,
    open: () => presets.open(),
    assertReadable: () => presets.assertReadable(),
    reseal: () => presets.reseal(),
    configure(next) {
      Object.assign(config, next);
      if (config.mode !== "off") return;
      service
        ?.then((manager) => manager.endAll())
        .catch((error: unknown) => logger.error({ err: error }, "a terminal could not be ended"));
    },
    async close() {
      presets.close();
      await (await service)?.close();
      (await opened?.catch(() => null))?.close();
    },
  };
}
