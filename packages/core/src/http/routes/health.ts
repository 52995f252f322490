import { z } from "zod";
import { FAILURES } from "../../errors.js";
import { Health, HealthSummary, Probe } from "../../schemas/health.js";
import { healthReport } from "../health-report.js";
import { mayView } from "../identity.js";
import { defineRoute, jsonReply } from "../route.js";

const TAG = "Health";
const UNAVAILABLE = 503;

/** GET /health */
export const getHealth = defineRoute({
  method: "GET",
  path: "/health",
  operationId: "getHealth",
  summary:
    "The state of the gateway, its store and its providers. In production the whole body is for viewers; others get status and time.",
  tag: TAG,
  access: "public",
  limited: false,
  response: z.union([Health, HealthSummary]),
  otherStatus: UNAVAILABLE,
  async handle({ services, identity }) {
    const report = await healthReport(services);
    const { status, timestamp } = report;
    const body = mayView(identity) ? report : { status, timestamp };
    if (status !== "draining") return body;
    return jsonReply(UNAVAILABLE, { ...body, error: FAILURES.draining.message });
  },
});

/** GET /livez */
export const getLiveness = defineRoute({
  method: "GET",
  path: "/livez",
  operationId: "getLiveness",
  summary: "Whether the process answers.",
  tag: TAG,
  access: "public",
  limited: false,
  response: Probe,
  handle: () => ({ status: "ok" as const }),
});

/** GET /readyz */
export const getReadiness = defineRoute({
  method: "GET",
  path: "/readyz",
  operationId: "getReadiness",
  summary: "Whether to send requests here: 503 before the first catalogue is loaded and while draining.",
  tag: TAG,
  access: "public",
  limited: false,
  response: Probe,
  otherStatus: UNAVAILABLE,
  handle({ services }) {
    const phase = services.phase();
    if (phase === "ready") return { status: "ok" as const };
    const error = phase === "draining" ? FAILURES.draining.message : "The gateway is starting";
    return jsonReply(UNAVAILABLE, { status: phase, error });
  },
});

/** GET /health/liveliness */
export const getLiveliness = {
  ...getLiveness,
  path: "/health/liveliness",
  operationId: "getLiveliness",
  summary: "The same as `/livez`, at the path other gateways have it.",
};

/** GET /health/readiness */
export const getReadinessAlias = {
  ...getReadiness,
  path: "/health/readiness",
  operationId: "getReadinessAlias",
  summary: "The same as `/readyz`, at the path other gateways have it.",
};
