import { buildApp } from "./app.mjs";

const { server } = buildApp({ providers: { openrouter: { apiKey: process.env.OPENROUTER_API_KEY } } });
server.listen(3000, "127.0.0.1", () => console.log("http://localhost:3000, the gateway below /ai"));
