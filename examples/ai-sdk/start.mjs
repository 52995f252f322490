import { streamText } from "ai";
import { buildApp } from "./app.mjs";

const { gateway, model } = buildApp({ providers: { openrouter: { apiKey: process.env.OPENROUTER_API_KEY } } });
const { textStream } = streamText({ model: model("auto"), prompt: "Hello!" });
for await (const words of textStream) process.stdout.write(words);
console.log();
await gateway.close();
