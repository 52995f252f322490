import { describe, expect, it } from "vitest";
import { GatewayError } from "./errors.js";
import { requirePeer } from "./require-peer.js";

function failure(run: () => unknown): GatewayError {
  try {
    run();
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error("did not throw");
}

describe("requirePeer", () => {
  it("returns the module", () => {
    expect(requirePeer("zod", "Validation")).toHaveProperty("z");
  });

  it("says what to install when the package is missing", () => {
    const error = failure(() => requirePeer("@sluice/not-there", "SQLite storage"));
    expect(error.code).toBe("not_installed");
    expect(error.status).toBe(501);
    expect(error.details).toBe("SQLite storage needs the package @sluice/not-there: run npm install @sluice/not-there");
  });

  it("names the package of a module that is missing with it", () => {
    const { details } = failure(() => requirePeer("@sluice/not-there/server/index.js", "The MCP server"));
    expect(details).toBe("The MCP server needs the package @sluice/not-there: run npm install @sluice/not-there");
  });

  it("does not advise installing a package that is there and does not load", () => {
    const error = failure(() =>
      requirePeer("some-native", "SQLite storage", () => {
        throw new Error("no native build was found for platform=plan9");
      }),
    );
    expect(error.details).toMatch(/installed but does not load on \w+-\w+ with Node\.js v\d+/);
    expect((error.cause as Error).message).toContain("plan9"); // cause is unknown on Error
  });

  it("does not take a package's own missing part for the package", () => {
    const error = failure(() =>
      requirePeer("some-native", "SQLite storage", () => {
        throw Object.assign(new Error("Cannot find module './part.node'"), { code: "MODULE_NOT_FOUND" });
      }),
    );
    expect(error.details).toContain("does not load");
  });
});
