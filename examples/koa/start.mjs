import { buildApp } from "./app.mjs";

const { app } = buildApp({ providers: { openrouter: { apiKey: process.env.OPENROUTER_API_KEY } } });
app.listen(3000, "127.0.0.1", () => console.log("http://localhost:3000, the gateway below /ai"));
