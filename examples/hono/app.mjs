import { fetchGateway, Gateway } from "@sluice/core";
import { Hono } from "hono";

/** An application of its own with the gateway below /ai. */
export function buildApp(options = {}) {
  const gateway = new Gateway(options);
  const ai = fetchGateway(gateway, { prefix: "/ai" });
  const app = new Hono();
  app.all("/ai/*", (context) => ai(context.req.raw));
  app.get("/", (context) => context.text("my own page\n"));
  return { app, gateway };
}
