import { Gateway, type Logger, silentLogger } from "@sluice/core";
import { describe, expect, it } from "vitest";
import { plainPasswords } from "./http/plain-passwords.js";

const LONG = "fd938441847bc5050324610220b262bbae13d45ec87d2e97083c0d870cb63936";

describe("secrets of an embedded gateway", () => {
  it.each([
    [{ auth: { jwtSecret: "" } }, "auth.jwtSecret"],
    [{ auth: { jwtSecret: "a".repeat(31) } }, "auth.jwtSecret"],
    [
      { auth: { jwtSecret: LONG, retiredJwtSecrets: [{ secret: "short", notAfter: "2999-01-01T00:00:00Z" }] } },
      "auth.jwtSecret",
    ],
    [{ auth: { jwtSecret: LONG, adminPassword: "elevenchars" } }, "auth.adminPassword"],
  ])("%j does not do in production", (options, name) => {
    expect(() => new Gateway({ mode: "production", ...options })).toThrow(TypeError);
    expect(() => new Gateway({ mode: "production", ...options })).toThrow(name);
    expect(() => new Gateway(options)).not.toThrow();
  });

  it("are left out in development where they are too short, and a line says so: nothing is signed with one", async () => {
    const warned: string[] = [];
    const logger: Logger = { ...silentLogger, warn: (_fields, message) => warned.push(message) };
    const auth = { jwtSecret: "secret", adminPassword: "x" };
    const gateways = [1, 2].map(() => new Gateway({ logger, passwordHasher: plainPasswords, auth }));
    const { token } = (await gateways[0]?.auth.login({ username: "admin", password: "x" })) ?? { token: "" };
    expect(await gateways[0]?.auth.identify(token)).toMatchObject({ id: "admin", role: "admin", kind: "user" });
    expect(await gateways[1]?.auth.identify(token)).toBeNull();
    expect(warned).toHaveLength(2);
  });

  it("may be missing: an application that identifies callers itself needs none", async () => {
    const gateway = new Gateway({ mode: "production", identify: () => ({ id: "sam", role: "client" }) });
    expect((await gateway.fetch(new Request("http://app.example/v1/models"))).status).toBe(200);
  });
});
