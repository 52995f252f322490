import { build } from "./lib/build.mjs";
import { install } from "./lib/install.mjs";
import { exclusively } from "./lib/lock.mjs";

// Installs what is missing and builds every package that has changed; --types writes the type declarations too.
const types = process.argv.includes("--types");
const say = (line) => console.log(line);

await exclusively(async () => {
  await install(say);
  await build(say, { types });
}).catch((error) => {
  console.error(error.message);
  process.exit(1);
});
