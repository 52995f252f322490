import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const SECRET_BYTES = 32;
const OWNER_ONLY = 0o600;

/** The secret kept in a file, made at first use. The data directory's lock keeps two processes from making two. */
export function generatedSecret(file: string): string {
  if (existsSync(file)) return readFileSync(file, "utf8").trim();
  const secret = randomBytes(SECRET_BYTES).toString("hex");
  writeFileSync(file, `${secret}\n`, { mode: OWNER_ONLY });
  return secret;
}
