import type { GatewayOptions, Identity, Limiter, Logger } from "@sluice/core";
import { afterEach, describe, expect, it } from "vitest";
import { callable } from "./call.js";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((gateway) => gateway.close()));
});

function made(options: GatewayOptions) {
  const lines: string[] = [];
  const note = (fields: { readonly err?: unknown }, message?: string) =>
    void lines.push(`${message} ${String(fields.err)}`);
  const logger: Logger = { debug() {}, info() {}, warn() {}, error: note };
  const both = callable({ ...options, logger });
  open.push(both.gateway);
  return { ...both, lines };
}

describe("an application's limiter that fails", () => {
  const verdict = { admitted: true, remaining: 1, resetMs: 1, retryMs: 0 };
  it.each<[string, () => unknown]>([
    [
      "throws",
      () => {
        throw new Error("away");
      },
    ],
    ["rejects", () => Promise.reject(new Error("away"))],
    ["gives nothing", () => undefined],
    ["gives nothing later", async () => undefined],
    ["gives half a verdict", () => ({ admitted: true })],
    ["gives numbers that are none", () => ({ ...verdict, remaining: Number.NaN })],
  ])("and %s refuses nobody, and lets nobody in beyond the limit; the log says so once", async (_what, take) => {
    const limits = { perKey: { limit: 2, windowSeconds: 60 } };
    const identify = () => ({ id: "ann", role: "client" }) as const;
    const { call, lines } = made({ limits, identify, limiter: { take } as Limiter });
    const statuses = [];
    for (let count = 0; count < 3; count++) statuses.push((await call("GET /v1/models")).status);
    expect(statuses).toEqual([200, 200, 429]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("the limiter fails");
  });

  it("is asked again for each request", async () => {
    let isAway = true;
    const limiter: Limiter = {
      take() {
        if (isAway) throw new Error("away");
        return { ...verdict, admitted: false, remaining: 0 };
      },
    };
    const { call } = made({ limiter, identify: () => ({ id: "ann", role: "client" }) });
    expect((await call("GET /v1/models")).status).toBe(200);
    isAway = false;
    expect((await call("GET /v1/models")).status).toBe(429);
  });
});

describe("an application's identify", () => {
  it.each<[string, unknown]>([
    ["an empty object", {}],
    ["no id", { role: "admin" }],
    ["an id that is undefined", { id: undefined, role: "client" }],
    ["an empty id", { id: "", role: "client" }],
    ["a number", { id: 5, role: "admin" }],
    ["no role", { id: "ann" }],
    ["a role nobody has", { id: "ann", role: "root" }],
  ])("that gives %s lets nobody in: 500, and the log says what is wrong", async (_what, identity) => {
    for (const given of [identity, Promise.resolve(identity)]) {
      const { call, lines } = made({ identify: () => given as Identity });
      for (const route of ["GET /v1/models", "GET /v1/users"]) expect((await call(route)).status).toBe(500);
      expect(lines[0]).toContain("an identity has an id, which is a text, and a role");
    }
  });

  it.each<[string, () => Identity]>([
    [
      "throws",
      () => {
        throw new Error("away");
      },
    ],
    ["rejects", () => Promise.reject(new Error("away")) as unknown as Identity],
    ["says nonsense", () => ({}) as Identity],
  ])("that %s keeps no probe from being answered, and shows nobody more for it", async (_what, identify) => {
    const { call, lines } = made({ identify });
    for (const probe of ["GET /livez", "GET /readyz", "GET /docs"]) expect((await call(probe)).status).not.toBe(500);
    expect(Object.keys((await call("GET /health")).body as object)).toEqual(["status", "timestamp"]);
    expect(lines[0]).toContain("identify failed");
  });

  it.each([[null], [undefined]])("that gives %s means nobody: 401", async (nobody) => {
    const { call } = made({ identify: () => nobody as null });
    expect((await call("GET /v1/models")).status).toBe(401);
    expect((await call("GET /health")).status).toBe(200);
  });
});
