import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../lib/paths.mjs";
import { prepare } from "../lib/prepare.mjs";

await prepare((line) => console.log(`  ${line}`));

// In this very process, so that signals and the exit status have nothing to pass through.
const cli = join(ROOT, "packages/server/dist/cli.js");
process.argv = [process.execPath, cli, "start", ...process.argv.slice(2)];
await import(pathToFileURL(cli).href);
