import { buildApp } from "./app.mjs";

const { gateway, headline, story } = buildApp({
  providers: { openrouter: { apiKey: process.env.OPENROUTER_API_KEY } },
});
console.log(await headline("The canal was opened on Sunday, after eleven years of work and to the joy of many."));
for await (const words of story("a sluice")) process.stdout.write(words);
console.log();
await gateway.close();
