import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Recorded answers of real models, which are not ours to ship: a folder `shared` may lie beside the checkout. */
const FOLDER = join(fileURLToPath(new URL("../../../..", import.meta.url)), "shared", "routing-eval");

/** Whether the recordings are there. */
export const hasRecordings = existsSync(FOLDER);

/** What to say where they are not. */
export const withoutRecordings = hasRecordings ? "" : " (needs the recorded answers beside the checkout)";

/** The path of one recording. */
export function recording(name: string): string {
  return join(FOLDER, `${name}.jsonl`);
}
