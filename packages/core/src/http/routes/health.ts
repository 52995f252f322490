import { z } from "zod";
import { Health, HealthSummary, Probe } from "../../schemas/health.js";
import { healthReport } from "../health-report.js";
import { mayView } from "../identity.js";
import { defineRoute, jsonReply } from "../route.js";

const UNAVAILABLE = 503;

/** GET /health */
export const getHealth = defineRoute({
  method: "GET",
  path: "/health",
  operationId: "getHealth",
  summary: "The state of the gateway, its store and its providers. In production the whole body is for viewers.",
  tag: "Health",
  access: "public",
  response: z.union([Health, HealthSummary]),
  failures: [UNAVAILABLE],
  async handle({ services, identity }) {
    const report = await healthReport(services);
    const { status, timestamp } = report;
    return jsonReply(status === "draining" ? UNAVAILABLE : 200, mayView(identity) ? report : { status, timestamp });
  },
});

/** GET /livez */
export const getLiveness = defineRoute({
  method: "GET",
  path: "/livez",
  operationId: "getLiveness",
  summary: "Whether the process answers.",
  tag: "Health",
  access: "public",
  response: Probe,
  handle: () => ({ status: "ok" as const }),
});

/** GET /readyz */
export const getReadiness = defineRoute({
  method: "GET",
  path: "/readyz",
  operationId: "getReadiness",
  summary: "Whether to send requests here: 503 before the first catalogue is loaded and while draining.",
  tag: "Health",
  access: "public",
  response: Probe,
  failures: [UNAVAILABLE],
  handle({ services }) {
    const phase = services.phase();
    return phase === "ready" ? { status: "ok" as const } : jsonReply(UNAVAILABLE, { status: phase });
  },
});
