import { z } from "zod";
import type { Revocation } from "./auth/revocations.js";
import type { RedisChannel } from "./redis/redis-channel.js";
import type { ChangeNotice, Store } from "./spec/store.js";

/** What instances on one Redis tell each other. */
const Notice = z.discriminatedUnion("what", [
  z.object({ what: z.literal("change"), kind: z.string().max(64), revision: z.int() }),
  z.object({ what: z.literal("key"), id: z.string().max(64) }),
  z.object({ what: z.literal("token"), id: z.string().max(256), until: z.number() }),
  z.object({ what: z.literal("user"), id: z.string().max(256), version: z.number() }),
]);

type Notice = z.infer<typeof Notice>;

/** Notices over Redis, where one is configured. */
export class Notices {
  readonly #channel: RedisChannel | null;

  constructor(channel: RedisChannel | null) {
    this.#channel = channel;
  }

  /** @throws GatewayError `not_installed` */
  open(): void {
    this.#channel?.open();
  }

  close(): void {
    this.#channel?.close();
  }

  /** Tells every instance of something that is good no more. */
  revoke(revocation: Revocation): void {
    this.#say(revocation);
  }

  /** Calls `take` with what any instance revokes. */
  onRevocation(take: (revocation: Revocation) => void): void {
    this.#listen((notice) => {
      if (notice.what !== "change") take(notice);
    });
  }

  /** A store of which others hear through Redis too: sooner than one that has to be asked tells them. */
  around(store: Store): Store {
    if (!this.#channel || store.forgets) return store;
    return {
      name: store.name,
      forgets: store.forgets,
      entries: (kind) => store.entries(kind),
      audit: store.audit,
      usage: store.usage,
      subscribe: (onChange) => this.#subscribe(store, onChange),
      announce: (kind, revision) => this.#say({ what: "change", kind, revision }),
      open: () => store.open(),
      ping: () => store.ping(),
      close: () => store.close(),
    };
  }

  #subscribe(store: Store, onChange: ChangeNotice): () => void {
    const stop = store.subscribe?.(onChange);
    const stopListening = this.#listen((notice) => {
      if (notice.what === "change") onChange(notice.kind, notice.revision);
    });
    return () => {
      stop?.();
      stopListening();
    };
  }

  #say(notice: Notice): void {
    this.#channel?.say(JSON.stringify(notice));
  }

  #listen(take: (notice: Notice) => void): () => void {
    const stop = this.#channel?.listen((text) => {
      const notice = Notice.safeParse(parsed(text));
      if (notice.success) take(notice.data);
    });
    return stop ?? (() => {});
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not one of ours
  }
}
