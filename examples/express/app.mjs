import { Gateway } from "@sluice/core";
import { expressGateway } from "@sluice/express";
import express from "express";

/** An application of its own with the gateway below /ai, open to whoever the application knows. */
export function buildApp(options = {}) {
  const gateway = new Gateway(options);
  const app = express();
  app.use(authenticate);
  app.use("/ai", expressGateway(gateway, { identify: ({ user }) => (user ? { id: user, role: "client" } : null) }));
  app.use(express.json()); // after the gateway, which reads bodies itself
  app.get("/", (_request, response) => void response.send("my own page\n"));
  return { app, gateway };
}

/** Stands for whatever the application has: sessions, Passport, a proxy's header. */
function authenticate(request, _response, next) {
  request.user = request.get("x-user");
  next();
}
