import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const made: string[] = [];

// Test files share this module, and a hook would be that of the first of them alone.
process.once("exit", () => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true });
});

/** A new directory, removed when the tests are over. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "sluice-test-"));
  made.push(directory);
  return directory;
}
