import { Gateway } from "@sluice/core";
import { koaGateway } from "@sluice/koa";
import Koa from "koa";

/** An application of its own with the gateway below /ai, and its access log. */
export function buildApp({ log = console.log, ...options } = {}) {
  const gateway = new Gateway(options);
  const app = new Koa();
  app.use(async (context, next) => {
    const startedAt = performance.now();
    await next(); // ends when the last byte of a stream has gone out
    log(`${context.method} ${context.path} ${context.status} ${Math.round(performance.now() - startedAt)} ms`);
  });
  app.use(koaGateway(gateway, { prefix: "/ai" }));
  app.use((context) => {
    context.body = "my own page\n";
  });
  return { app, gateway };
}
