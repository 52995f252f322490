import { assertNodeVersion } from "./lib/node-version.mjs";
import { prepare } from "./lib/prepare.mjs";

// npm run check: everything `npm test` looks at besides the tests.
assertNodeVersion();
await prepare(console.log, { types: true });
const { runChecks } = await import("./check/index.mjs");
const { failed } = await runChecks(console.log);
process.exit(failed > 0 ? 1 : 0);
