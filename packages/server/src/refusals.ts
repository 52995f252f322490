import { isIP } from "node:net";
import type { ServerConfig } from "./config/schema.js";
import { isPostgres } from "./store-of.js";
import { isMonotonous, isSample, secretBytes } from "./weak-secrets.js";

const MIN_SECRET_BYTES = 32;
const MIN_PASSWORD_LENGTH = 12;

/** Why this configuration must not start, in one line; null when it may. */
export function refusal(config: ServerConfig): string | null {
  const { host, mode, auth, secrets, trustProxy, store } = config;
  if (trustProxy === true) return "trustProxy: true trusts everybody; give the number of proxies or a list of networks";
  if (isPostgres(store) && !URL.canParse(store))
    return "store (DATABASE_URL) is no URL: percent-encode what is special in its user and password, such as / as %2F";
  if (mode !== "production") {
    if (host === null || isLoopback(host)) return null;
    return `host ${host} can be reached from other machines, which needs mode: "production" with auth.jwtSecret and auth.adminPassword`;
  }
  for (const [index, { secret }] of auth.retiredJwtSecrets.entries()) {
    const reason = refusedSecret(secret, `auth.retiredJwtSecrets.${index}`);
    if (reason !== null) return reason;
  }
  if (secrets.masterKey && isMonotonous(secrets.masterKey))
    return "secrets.masterKey is easy to guess; `openssl rand -hex 32` prints a good one";
  return refusedSecret(auth.jwtSecret) ?? refusedPassword(auth.adminPassword);
}

/** Whether only this machine can reach an address. */
export function isLoopback(host: string): boolean {
  if (host === "localhost") return true;
  return isIP(host) === 4 ? host.startsWith("127.") : host === "::1";
}

function refusedSecret(secret: string | null | undefined, key = "auth.jwtSecret (JWT_SECRET)"): string | null {
  if (!secret)
    return `production needs ${key}: at least ${MIN_SECRET_BYTES} random bytes, such as \`openssl rand -hex 32\` prints`;
  if (secretBytes(secret) < MIN_SECRET_BYTES)
    return `${key} is shorter than ${MIN_SECRET_BYTES} bytes; \`openssl rand -hex 32\` prints a good one`;
  if (isSample(secret) || isMonotonous(secret))
    return `${key} is easy to guess; \`openssl rand -hex 32\` prints a good one`;
  return null;
}

function refusedPassword(password: string | null | undefined): string | null {
  const key = "auth.adminPassword (ADMIN_PASSWORD)";
  if (!password) return `production needs ${key}: at least ${MIN_PASSWORD_LENGTH} characters`;
  if (isSample(password)) return `${key} is a well-known sample; choose another`;
  if (password.length < MIN_PASSWORD_LENGTH) return `${key} is shorter than ${MIN_PASSWORD_LENGTH} characters`;
  return null;
}
