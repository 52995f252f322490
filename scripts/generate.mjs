import { differences, writeFiles } from "./generate/index.mjs";
import { assertNodeVersion } from "./lib/node-version.mjs";
import { prepare } from "./lib/prepare.mjs";

// npm run generate: writes every file that is derived from code. With `-- --check` it writes nothing and fails when one
// is out of date, as `npm test` does.
assertNodeVersion();
if (process.argv.includes("--check")) {
  await prepare(console.log);
  const found = await differences();
  for (const line of found) console.log(line);
  process.exit(found.length > 0 ? 1 : 0);
}
for (const path of await writeFiles("sources")) console.log(path);
await prepare(console.log); // what was just written is part of what is built
for (const path of await writeFiles("built")) console.log(path);
