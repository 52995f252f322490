import { randomBytes } from "node:crypto";
import { type Gateway, isGatewayError } from "@sluice/core";
import type { ServerConfig } from "./config/schema.js";

/** An admin and its password, known while the server starts and never again. */
export interface FirstAdmin {
  readonly username: string;
  readonly password: string;
}

const PASSWORD_BYTES = 12;

/**
 * Makes an admin with a random password where nobody is there yet and none is configured; null elsewhere, and where the
 * store cannot tell: then the next start makes it.
 */
export async function makeFirstAdmin(gateway: Gateway, { mode, auth }: ServerConfig): Promise<FirstAdmin | null> {
  if (mode !== "development" || auth.adminPassword) return null;
  const password = randomBytes(PASSWORD_BYTES).toString("base64url");
  try {
    const user = await gateway.users.createFirst(password);
    return user && { username: user.username, password };
  } catch (error) {
    if (isGatewayError(error)) return null;
    throw error;
  }
}
