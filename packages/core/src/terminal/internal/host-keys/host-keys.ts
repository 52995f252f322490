import { readFile } from "node:fs/promises";
import type { Clock } from "../../../clock.js";
import { GatewayError } from "../../../errors.js";
import { LiveEntries, type LiveEntriesOptions } from "../../../live-entries.js";
import {
  HOST_KEYS,
  type HostKeyPolicy,
  type HostKeyView,
  hostKeyId,
  type StoredHostKey,
} from "../../../schemas/host-key.js";
import type { Target } from "../reach/reach.js";
import { fingerprintOf, type HostKey, hostKeyFrom, hostKeyOf } from "./host-key.js";
import { type KnownKeys, knownHostsName, knownKeys, parseKnownHosts } from "./known-hosts.js";
import { judge, judgePinned, type PinnedKey } from "./verdict.js";

/** Options of {@link HostKeys}. */
export interface HostKeysOptions {
  readonly store: LiveEntriesOptions<StoredHostKey>["store"];
  readonly clock: Clock;
  /** A known_hosts file, read at each connection; null for none. */
  readonly file: string | null;
  readonly onError?: LiveEntriesOptions<StoredHostKey>["onError"];
}

/** By what a host's key is judged. */
export interface HostKeyTrust {
  /** The one key that was named for this connection; goes before the policy. */
  readonly pinned: PinnedKey | null;
  readonly policy: HostKeyPolicy;
}

/** The keys of SSH hosts: those remembered here and those of a known_hosts file. */
export class HostKeys {
  readonly #options: HostKeysOptions;
  readonly #remembered: LiveEntries<StoredHostKey>;

  constructor(options: HostKeysOptions) {
    this.#options = options;
    const { store, onError } = options;
    this.#remembered = new LiveEntries({ store, kind: HOST_KEYS, onError });
  }

  /** @throws GatewayError `store_unavailable` */
  open(): Promise<void> {
    return this.#remembered.open();
  }

  close(): void {
    this.#remembered.close();
  }

  /** Every remembered key, in order of its host. */
  list(): readonly HostKeyView[] {
    const live = [...this.#remembered.entries].filter((pair): pair is [string, StoredHostKey] => pair[1] !== null);
    return live.map(([id, entry]) => view(id, entry)).sort((one, other) => (one.id < other.id ? -1 : 1));
  }

  /** Forgets a key, so that the next one the host shows is the first again. @throws GatewayError `not_found`, `store_unavailable` */
  async remove(id: string): Promise<void> {
    await this.#remembered.update(id, (entry) => {
      if (!entry) throw new GatewayError("not_found", { details: `no host key is remembered for ${id.slice(0, 300)}` });
      return undefined;
    });
  }

  /** Which types of key to ask the host for first, so that it shows the one that is known. */
  async knownTypes(target: Target, { pinned, policy }: HostKeyTrust): Promise<readonly string[]> {
    if (pinned) return pinned.type === null ? [] : [pinned.type];
    const { trusted } = await this.#known(target, policy, this.#remembered.entries.get(hostKeyId(target)));
    return trusted.map(({ type }) => type);
  }

  /**
   * Judges the key a host shows. Called before anything secret is sent.
   * @param blob - the key as it came over the wire
   * @throws GatewayError `host_key_changed`, `host_key_refused`, `store_unavailable`
   */
  async check(target: Target, blob: Buffer, { pinned, policy }: HostKeyTrust): Promise<void> {
    const id = hostKeyId(target);
    const key = hostKeyOf(blob);
    if (!key) throw new GatewayError("host_key_refused", { details: `${id} shows something that is no key` });
    const shown = { name: id, key };
    const remembered = this.#remembered.entries.get(id);
    const known = await this.#known(target, policy, remembered);
    if (pinned) {
      judge(shown, known, "off"); // a revoked key is refused even when it is the one named
      return judgePinned(shown, pinned);
    }
    if (judge(shown, known, policy) === "known") return;
    const { host, port } = target;
    const entry = {
      host: host.toLowerCase(),
      port,
      type: key.type,
      key: blob.toString("base64"),
      addedAt: this.#now(),
    };
    await this.#remembered.update(id, (current) => {
      // Another connection may have been first, on another instance too.
      if (current) judge(shown, { ...known, trusted: trustedKeys(current) }, policy);
      return current ?? entry;
    });
  }

  async #known(target: Target, policy: HostKeyPolicy, entry: StoredHostKey | null | undefined): Promise<KnownKeys> {
    const inFile = await this.#inFile(target);
    if (policy === "known_hosts" || !entry) return inFile;
    return { ...inFile, trusted: [...inFile.trusted, ...trustedKeys(entry)] };
  }

  async #inFile({ host, port }: Target): Promise<KnownKeys> {
    const { file } = this.#options;
    if (file === null) return { trusted: [], revoked: [], certified: false };
    const text = await readFile(file, "utf8").catch((cause: unknown) => {
      // It may hold the revocation of just this key.
      throw new GatewayError("host_key_refused", { details: "the file of terminal.knownHosts cannot be read", cause });
    });
    return knownKeys(parseKnownHosts(text), knownHostsName(host, port));
  }

  #now(): string {
    return new Date(this.#options.clock.now()).toISOString();
  }
}

function trustedKeys({ type, key }: StoredHostKey): readonly HostKey[] {
  const read = hostKeyFrom(type, key);
  return read ? [read] : [];
}

function view(id: string, { host, port, type, key, addedAt }: StoredHostKey): HostKeyView {
  return { id, host, port, type, addedAt, fingerprint: fingerprintOf({ blob: Buffer.from(key, "base64") }) };
}
