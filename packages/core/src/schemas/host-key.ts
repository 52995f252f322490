import { z } from "zod";
import type { EntryKind } from "../spec/store.js";
import { named } from "./registry.js";

const hostKeyFields = {
  host: z.string().min(1).max(253).describe("The host, as it was named when connecting."),
  port: z.int().min(1).max(65_535),
  type: z.string().min(1).max(64).describe("Type of the key, such as `ssh-ed25519`."),
  addedAt: z.iso.datetime().describe("When it was first seen."),
};

/** What a host's key is to be judged by. */
export const HostKeyPolicy = z
  .enum(["accept-new", "known_hosts", "strict", "off"])
  .describe(
    "What becomes of a host's key: `accept-new` remembers the first one, `strict` knows only those remembered and " +
      "those in the known_hosts file, `known_hosts` only the latter, `off` looks at none. A changed key is refused.",
  );

export type HostKeyPolicy = z.infer<typeof HostKeyPolicy>;

/** A remembered host key as stores keep it. */
export const StoredHostKey = z.object({
  ...hostKeyFields,
  key: z.base64().max(16_384).describe("The public key."),
});

export type StoredHostKey = z.infer<typeof StoredHostKey>;

/** The name a host's key stands under, and its path in the API: host and port, an IPv6 address in brackets. */
export function hostKeyId({ host, port }: { readonly host: string; readonly port: number }): string {
  const name = host.toLowerCase();
  return name.includes(":") ? `[${name}]:${port}` : `${name}:${port}`;
}

/** Host keys that were remembered when they were first seen. */
export const HOST_KEYS: EntryKind<StoredHostKey> = { name: "host-keys", schema: StoredHostKey, idOf: hostKeyId };

export const HostKeyView = named(
  "HostKey",
  z.object({
    id: z.string().describe("Host and port, as the path of `DELETE` takes it."),
    ...hostKeyFields,
    fingerprint: z.string().describe("As `ssh-keygen -l` prints it."),
  }),
);

/** A remembered host key as answers show it. */
export type HostKeyView = z.infer<typeof HostKeyView>;

export const HostKeyList = named("HostKeyList", z.object({ hostKeys: z.array(HostKeyView) }));
