import { randomBytes } from "node:crypto";
import type { Logger } from "@sluice/core";
import { describe, expect, it } from "vitest";
import { ServerConfig } from "../src/config/schema.js";
import { createLogger } from "../src/logger.js";

const secret = () => randomBytes(16).toString("hex");

/** What the server's logger writes, a value each line. */
function logged(write: (logger: Logger) => void, config: object = {}): readonly Record<string, unknown>[] {
  let text = "";
  const destination = { write: (line: string) => (text += line) };
  write(createLogger(ServerConfig.parse({ logLevel: "debug", ...config }), { destination }));
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

describe("a log line", () => {
  it("holds the fields of the list and nothing else, whatever it is given", () => {
    const hidden = secret();
    const allowed = {
      requestId: "req_1",
      code: "timeout",
      details: "late",
      provider: "openai",
      model: "m",
      event: "e",
      signal: "SIGTERM",
    };
    const other = {
      authorization: `Bearer ${hidden}`,
      body: hidden,
      headers: { "x-api-key": hidden },
      messages: [{ content: hidden }],
      apiKey: hidden,
      password: hidden,
      config: { providers: { openai: { apiKey: hidden } } },
      req: { headers: { cookie: hidden } },
      res: hidden,
      [hidden]: hidden,
    };
    const [line, ...more] = logged((logger) => logger.info({ ...other, ...allowed }, "it happened"));
    expect(more).toEqual([]);
    expect(line).toEqual({ level: 30, time: expect.any(Number), msg: "it happened", ...allowed });
  });

  it.each(["requestId", "code", "details", "provider", "model", "event", "signal"])(
    "holds in %s no more than a text, a number or a boolean",
    (field) => {
      const hidden = secret();
      for (const value of [{ hidden }, [hidden], () => hidden, Symbol(hidden)]) {
        expect(logged((logger) => logger.warn({ [field]: value }, "odd"))[0]).not.toHaveProperty(field);
      }
      expect(logged((logger) => logger.warn({ [field]: 7 }, "odd"))[0]).toHaveProperty(field, 7);
    },
  );

  it("holds of an error its type, its message and where it was thrown", () => {
    const hidden = secret();
    const error = Object.assign(new TypeError("broken", { cause: new Error(hidden) }), {
      headers: hidden,
      config: { hidden },
    });
    const [line] = logged((logger) => logger.error({ err: error }, "it broke"));
    expect(line?.err).toEqual({
      type: "TypeError",
      message: "broken",
      at: expect.stringMatching(/^at .*logger\.test/),
    });
    expect(JSON.stringify(line)).not.toContain(hidden);
    expect(logged((logger) => logger.error({ err: { message: hidden } }, "odd"))[0]).not.toHaveProperty("err");
  });

  it("masks what looks like a credential, and every secret of the configuration, in every text", () => {
    const [apiKey, header, jwt, retired, master, password, jump, hook, redis] = Array.from({ length: 9 }, secret);
    const config = {
      providers: { openai: { apiKey: ["first-key", apiKey], headers: { "x-a": header } } },
      auth: { jwtSecret: jwt, retiredJwtSecrets: [{ secret: retired, notAfter: "2999-01-01T00:00:00Z" }] },
      secrets: { masterKey: `${master}${master}` },
      terminal: {
        presets: { box: { type: "ssh", host: "a", username: "b", password, jump: [{ host: "c", password: jump }] } },
      },
      cost: { alertWebhook: { url: `https://hooks.example/${hook}`, secret: `${hook}${hook}` } },
      redis: `redis://user:${redis}@cache.example`,
    };
    const shapes = [
      "sk-0123456789abcdef",
      "slc_0123456789abcdef",
      "Bearer 0123456789abcdef",
      "eyJhbGciOi.eyJzdWIiOi.c2ln",
    ];
    for (const text of [
      apiKey,
      header,
      jwt,
      retired,
      `${master}${master}`,
      password,
      jump,
      `${hook}${hook}`,
      redis,
      "first-key",
      ...shapes,
    ]) {
      const lines = logged((logger) => {
        logger.debug({ details: `before ${text} after` }, `before ${text} after`);
        logger.error({ err: new Error(`before ${text} after`) }, "it broke");
      }, config);
      expect(JSON.stringify(lines)).not.toContain(text);
      expect(JSON.stringify(lines).match(/\*{8}/g)?.length).toBeGreaterThanOrEqual(3);
    }
  });

  it("is one line, whatever stands in it", () => {
    const odd = "a\nb\r\u2028c\u0000\u001b[2Jd";
    const lines = logged((logger) => logger.info({ details: odd }, odd));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ details: odd, msg: odd });
  });
});
