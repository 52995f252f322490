import { buildApp } from "./app.mjs";

const { gateway } = buildApp();
for await (const chunk of gateway.stream({ messages: [{ role: "user", content: "around it turns" }] })) {
  process.stdout.write(chunk.choices[0]?.delta.content ?? "");
}
console.log();
await gateway.close();
