import { memoryStore } from "@sluice/core";
import { describe, expect, it } from "vitest";
import { callable } from "./call.js";

const DOCUMENTED = [
  "status",
  "redis",
  "database",
  "timestamp",
  "providers",
  "healthyProviders",
  "layers",
  "configuration",
];

describe("GET /health", () => {
  it("answers the documented body", async () => {
    const { call } = callable({ providers: { openrouter: { apiKey: "k" } } });
    const { status, body } = await call("GET /health");
    expect(status).toBe(200);
    expect(Object.keys(body as object)).toEqual(DOCUMENTED);
    expect(body).toMatchObject({
      status: "ok",
      redis: false,
      database: true,
      providers: { openai: false, anthropic: false, openrouter: true, "oss-local": false },
      healthyProviders: ["openrouter"],
      configuration: {
        logLevel: "info",
        defaultLayer: "L0",
        enableCrossCheck: true,
        enableAutoEscalate: false,
        maxEscalationLayer: "L0",
        enableCostTracking: true,
        costAlertThreshold: 1,
      },
    });
  });

  it("shows the models of each layer as GET /v1/models/layers does", async () => {
    const { call } = callable();
    const { layers } = (await call("GET /health")).body as { layers: unknown }; // the schema has been checked
    expect((await call("GET /v1/models/layers")).body).toEqual({ layers });
  });

  it("says so while only the simulator answers", async () => {
    expect((await callable().call("GET /health")).body).toMatchObject({
      simulated: true,
      providers: { openai: false, simulator: true },
      healthyProviders: ["simulator"],
    });
  });

  it("is degraded, and still 200, while the store does not answer", async () => {
    const store = { ...memoryStore(), ping: () => Promise.reject(new Error("down")) };
    const { status, body } = await callable({ store }).call("GET /health");
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: "degraded", database: false });
  });

  it("tells anonymous callers in production no more than status and time", async () => {
    const { status, body } = await callable({ mode: "production" }).call("GET /health");
    expect(status).toBe(200);
    expect(body).toEqual({ status: "ok", timestamp: expect.any(String) });
  });

  it.each([
    ["client", false],
    ["viewer", true],
    ["admin", true],
  ] as const)("in production shows the whole body to a %s: %s", async (role, whole) => {
    const { call } = callable({ mode: "production", identify: () => ({ id: "somebody", role }) });
    const { body } = await call("GET /health");
    expect(Object.hasOwn(body as object, "configuration")).toBe(whole);
  });

  it("answers 503 while draining, with the whole body and an error beside it", async () => {
    const { gateway, call } = callable();
    await gateway.ready();
    gateway.drain();
    const { status, body } = await call("GET /health");
    expect(status).toBe(503);
    expect(body).toMatchObject({ status: "draining", error: "The gateway is shutting down", database: true });
  });

  it("answers HEAD", async () => {
    expect(await callable().call("HEAD /health")).toMatchObject({ status: 200, body: "" });
  });
});

describe("the probes", () => {
  it.each(["/livez", "/readyz", "/health/liveliness", "/health/readiness"])("%s is public", async (path) => {
    const { status, body } = await callable({ mode: "production" }).call(`GET ${path}`);
    expect([status, body]).toEqual([200, { status: "ok" }]);
  });

  it.each([
    ["/livez", 200],
    ["/readyz", 503],
    ["/health/readiness", 503],
  ])("%s answers %d while draining", async (path, expected) => {
    const { gateway, call } = callable();
    await gateway.ready();
    gateway.drain();
    expect((await call(`GET ${path}`)).status).toBe(expected);
  });

  it("is not ready before the first catalogue is loaded", async () => {
    const store = { ...memoryStore(), open: () => Promise.reject(new Error("no disk")) };
    const { call } = callable({ store });
    expect(await call("GET /readyz")).toMatchObject({
      status: 503,
      body: { status: "starting", error: "The gateway is starting" },
    });
    expect((await call("GET /livez")).status).toBe(200);
  });
});
