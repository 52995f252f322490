import { buildApp } from "./app.mjs";

const { client, gateway } = buildApp({ providers: { openrouter: { apiKey: process.env.OPENROUTER_API_KEY } } });
const stream = await client.chat.completions.create({
  model: "auto",
  stream: true,
  messages: [{ role: "user", content: "Hello!" }],
});
for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta.content ?? "");
console.log();
await gateway.close();
