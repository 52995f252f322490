import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "./lib/build.mjs";
import { install } from "./lib/install.mjs";
import { exclusively } from "./lib/lock.mjs";
import { assertNodeVersion } from "./lib/node-version.mjs";
import { ROOT } from "./lib/paths.mjs";

// Installs and builds what has changed, then becomes the server: signals reach it without anything between.
assertNodeVersion();
const say = (line) => console.log(`  ${line}`);
try {
  await exclusively(async () => {
    await install(say);
    await build(say);
  });
} catch (error) {
  console.error(error.message);
  process.exit(1);
}

const cli = join(ROOT, "packages/server/dist/cli.js");
process.argv = [process.execPath, cli, "start", ...process.argv.slice(2)];
await import(pathToFileURL(cli).href);
