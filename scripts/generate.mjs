import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { generatedFiles } from "./generate/index.mjs";
import { build } from "./lib/build.mjs";
import { install } from "./lib/install.mjs";
import { exclusively } from "./lib/lock.mjs";
import { ROOT } from "./lib/paths.mjs";

// npm run generate: writes every file that is derived from code. `npm test` fails while one is out of date.
const say = (line) => console.log(line);
await exclusively(async () => {
  await install(say);
  await build(say);
});
for (const [path, content] of Object.entries(await generatedFiles())) {
  mkdirSync(dirname(join(ROOT, path)), { recursive: true });
  writeFileSync(join(ROOT, path), content);
  console.log(path);
}
