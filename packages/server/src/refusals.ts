import { isIP } from "node:net";
import type { ServerConfig } from "./config/schema.js";

const MIN_SECRET_BYTES = 32;
const MIN_PASSWORD_LENGTH = 12;
const MIN_DIFFERENT_CHARACTERS = 8;

/** Passwords and secrets that stand in documentation somewhere. */
const SAMPLES = [
  "admin",
  "admin123",
  "admin1234",
  "admin12345",
  "administrator",
  "password",
  "password1",
  "password123",
  "password1234",
  "passw0rd",
  "changeme",
  "changeme123",
  "changemechangeme",
  "change-me-please",
  "letmein",
  "letmeinplease",
  "secret",
  "secret123",
  "supersecret",
  "super-secret",
  "your-secret-key",
  "your-256-bit-secret",
  "your-jwt-secret",
  "jwt-secret",
  "default",
  "default-secret",
  "qwertyuiop12",
  "123456789012",
  "sluice",
  "sluicesluice",
];

/** Why this configuration must not start, in one line; null when it may. */
export function refusal(config: ServerConfig): string | null {
  const { host, mode, auth, trustProxy, store } = config;
  if (trustProxy === true) return "trustProxy: true trusts everybody; give the number of proxies or a list of networks";
  if (store.startsWith("postgres")) return "store: Postgres is not in this release yet; use sqlite or memory";
  if (mode !== "production") {
    if (host === null || isLoopback(host)) return null;
    return `host ${host} can be reached from other machines, which needs mode: "production" with auth.jwtSecret and auth.adminPassword`;
  }
  return refusedSecret(auth.jwtSecret) ?? refusedPassword(auth.adminPassword);
}

/** Whether only this machine can reach an address. */
export function isLoopback(host: string): boolean {
  if (host === "localhost") return true;
  return isIP(host) === 4 ? host.startsWith("127.") : host === "::1";
}

function refusedSecret(secret: string | null | undefined): string | null {
  const key = "auth.jwtSecret (JWT_SECRET)";
  if (!secret)
    return `production needs ${key}: at least ${MIN_SECRET_BYTES} random bytes, such as \`openssl rand -hex 32\` prints`;
  const hex = /^(?:[0-9a-f]{2})+$/i.test(secret);
  const bytes = hex ? secret.length / 2 : Buffer.byteLength(secret);
  if (bytes < MIN_SECRET_BYTES)
    return `${key} is shorter than ${MIN_SECRET_BYTES} bytes; \`openssl rand -hex 32\` prints a good one`;
  if (isSample(secret) || new Set(secret).size < MIN_DIFFERENT_CHARACTERS)
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

/** A sample is one also when it is repeated or written in capitals. */
function isSample(text: string): boolean {
  const plain = text.toLowerCase();
  return SAMPLES.some((sample) => plain.replaceAll(sample, "") === "");
}
