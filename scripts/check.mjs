import { checks } from "./check/index.mjs";

// npm run check: everything `npm test` checks besides the tests.
let failed = false;
for (const { name, findings } of checks) {
  const found = await findings();
  console.log(`${found.length === 0 ? "ok" : "FAILED"}  ${name}`);
  for (const finding of found) console.log(`        ${finding}`);
  failed ||= found.length > 0;
}
process.exit(failed ? 1 : 0);
