import { describe, expect, it } from "vitest";
import type { Logger } from "../spec/logger.js";
import { KnownSecrets } from "./known-secrets.js";

const SECRET = "a-secret-of-somebody";

/** What a logger was given. */
function logged(write: (logger: Logger) => void, ...secrets: unknown[]): string {
  const lines: unknown[] = [];
  const take = (fields: object, message: string) =>
    void lines.push(
      message,
      ...Object.values(fields).map((each) => (each instanceof Error ? [each.message, each.stack] : each)),
    );
  const known = new KnownSecrets();
  for (const secret of secrets) known.add(secret);
  write(known.guard({ debug: take, info: take, warn: take, error: take }));
  return JSON.stringify(lines);
}

describe("secrets that came in at run time", () => {
  it.each(["debug", "info", "warn", "error"] as const)("are masked in every line: %s", (level) => {
    const fields = { details: `says ${SECRET}`, err: new TypeError(`refused ${SECRET}`), other: 7 };
    const text = logged((logger) => logger[level](fields, `about ${SECRET}`), { headers: { "x-a": [SECRET] } });
    expect(text).not.toContain(SECRET);
    expect(text).toContain("says ********");
    expect(text).toContain("refused ********");
  });

  it("leave everything else as it is", () => {
    const error = new TypeError("broken");
    const text = logged((logger) => logger.warn({ err: error, details: "pass" }, "it broke"), SECRET, "pass");
    expect(text).toContain(JSON.stringify(error.stack));
    expect(text).toContain('"pass"');
  });
});
