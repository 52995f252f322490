import type { ApiKeyView, NewApiKey } from "@sluice/core";
import type { Flags } from "../config/load.js";
import { onStore } from "./on-store.js";
import { table } from "./table.js";

/** What `sluice keys create` takes; lists are written with commas. */
export interface KeyFlags extends Flags {
  readonly name?: string | undefined;
  readonly role?: string | undefined;
  readonly scopes?: string | undefined;
  readonly models?: string | undefined;
  readonly layers?: string | undefined;
  readonly expires?: string | undefined;
}

/** `sluice keys create`: prints the key, which is shown this once. */
export function createKey(flags: KeyFlags): Promise<void> {
  const { name, role, scopes, models, layers, expires } = flags;
  // The gateway checks what each of these may be, and names the one that is wrong.
  const wanted = {
    name,
    role,
    scopes: listed(scopes),
    models: listed(models),
    layers: listed(layers),
    expiresAt: expires,
  } as NewApiKey;
  return onStore(flags, async (gateway) => {
    const { key, secret } = await gateway.keys.create(wanted);
    process.stdout.write(`${secret}\n`);
    process.stderr.write(`Made the key ${key.id}. It is shown this once; a running server takes it within a second.\n`);
  });
}

/** `sluice keys list`: every key, and never what it is made of. */
export function listKeys(flags: Flags): Promise<void> {
  return onStore(flags, async (gateway) => {
    const rows = (await gateway.keys.list()).map((key) => [
      key.id,
      key.name || "-",
      key.role,
      key.expiresAt ?? "never",
      narrowed(key),
      key.createdAt,
      key.lastUsedAt ?? "never",
    ]);
    process.stdout.write(table([["ID", "NAME", "ROLE", "ENDS", "ONLY FOR", "CREATED", "LAST USED"], ...rows]));
  });
}

/** `sluice keys revoke ID`. */
export function revokeKey(id: string, flags: Flags): Promise<void> {
  return onStore(flags, async (gateway) => {
    await gateway.keys.delete(id);
    process.stdout.write(`Revoked ${id}. A running server refuses it within a second.\n`);
  });
}

function listed(text: string | undefined): readonly string[] | undefined {
  return text?.split(",").map((item) => item.trim());
}

function narrowed({ scopes, models, layers }: ApiKeyView): string {
  return [...(scopes ?? []), ...(models ?? []), ...(layers ?? [])].join(",") || "-";
}
