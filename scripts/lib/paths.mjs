import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** What is remembered between runs; thrown away with the installed packages. */
export const CACHE = join(ROOT, "node_modules", ".cache", "sluice");
