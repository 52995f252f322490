import { describe, expect, it } from "vitest";
import { ServerConfig } from "../src/config/schema.js";
import { refusal } from "../src/refusals.js";

const SECRET = "fd938441847bc5050324610220b262bbae13d45ec87d2e97083c0d870cb63936";
const production = { mode: "production", auth: { jwtSecret: SECRET, adminPassword: "correct horse battery" } };

function refused(config: object): string | null {
  return refusal(ServerConfig.parse(config));
}

describe("refusal", () => {
  it.each([
    {},
    { host: "127.0.0.1" },
    { host: "127.8.8.8" },
    { host: "::1" },
    { host: "localhost" },
    production,
    { ...production, host: "0.0.0.0" },
    {
      mode: "production",
      auth: { jwtSecret: "q3Zk0o8mT2vX9bYc7nLr5sWd1fGh4jKp6uEi+aOtRyM=", adminPassword: "пароль из слов" },
    },
    {
      mode: "production",
      auth: { jwtSecret: "words-that-nobody-else-has-put-together-yet", adminPassword: "!?!?+#+#*~*~" },
    },
    { ...production, trustProxy: 1 },
    { ...production, trustProxy: ["10.0.0.0/8"] },
  ])("lets %o start", (config) => expect(refused(config)).toBeNull());

  it.each<readonly [object, RegExp]>([
    [{ host: "0.0.0.0" }, /needs mode: "production"/],
    [{ host: "::" }, /needs mode: "production"/],
    [{ host: "192.168.1.5" }, /needs mode: "production"/],
    [{ host: "gateway.example" }, /needs mode: "production"/],
    [{ mode: "production" }, /JWT_SECRET.*openssl/],
    [
      { mode: "production", auth: { jwtSecret: "short", adminPassword: "correct horse battery" } },
      /shorter than 32 bytes/,
    ],
    [
      { mode: "production", auth: { jwtSecret: SECRET.slice(0, 32), adminPassword: "x".repeat(20) } },
      /shorter than 32 bytes/,
    ],
    [
      { mode: "production", auth: { jwtSecret: "a".repeat(64), adminPassword: "correct horse battery" } },
      /easy to guess/,
    ],
    [
      { mode: "production", auth: { jwtSecret: "changeme".repeat(5), adminPassword: "correct horse battery" } },
      /easy to guess/,
    ],
    ...[
      "change-me-change-me-change-me-change-me",
      "your-256-bit-secret-your-256-bit-secret",
      "My_Super_Secret_JWT_Key_0123456789",
      "kP3x".repeat(12),
    ].map((jwtSecret) => [{ mode: "production", auth: { jwtSecret } }, /easy to guess|shorter/] as const),
    // 24 bytes as base64: 32 characters
    [{ mode: "production", auth: { jwtSecret: "lJQMbJdKCjJjm0dBak6AR2IprDLuEibu" } }, /shorter than 32 bytes/],
    [{ mode: "production", auth: { jwtSecret: "lJQMbJdKCjJjm0dBak6AR2IprDLuEg==" } }, /shorter than 32 bytes/],
    [{ mode: "production", auth: { jwtSecret: SECRET } }, /production needs .*ADMIN_PASSWORD/],
    [{ mode: "production", auth: { jwtSecret: SECRET, adminPassword: "tiny" } }, /shorter than 12/],
    [{ mode: "production", auth: { jwtSecret: SECRET, adminPassword: "admin123" } }, /well-known sample/],
    [{ mode: "production", auth: { jwtSecret: SECRET, adminPassword: "Password1234" } }, /well-known sample/],
    [{ ...production, secrets: { masterKey: "a".repeat(64) } }, /masterKey is easy to guess/],
    [{ trustProxy: true }, /number of proxies/],
    [{ store: `postgres://u:a/${SECRET}@db/sluice` }, /percent-encode/],
  ])("refuses %o in one line", (config, reason) => {
    const said = refused(config);
    expect(said).toMatch(reason);
    expect(said).not.toContain("\n");
    expect(said).not.toContain(SECRET);
  });
});
