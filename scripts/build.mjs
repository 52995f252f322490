import { assertNodeVersion } from "./lib/node-version.mjs";
import { prepare } from "./lib/prepare.mjs";

// npm run build [-- --types]: installs what is missing and builds every package that has changed; with --types the
// type declarations too.
assertNodeVersion();
await prepare(console.log, { types: process.argv.includes("--types") });
