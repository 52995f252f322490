import { serve } from "@hono/node-server";
import { buildApp } from "./app.mjs";

const { app } = buildApp({ providers: { openrouter: { apiKey: process.env.OPENROUTER_API_KEY } } });
serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 3000 }, () =>
  console.log("http://localhost:3000, the gateway below /ai"),
);
