import { describe, expect, it } from "vitest";
import { digestOf } from "./api-key.js";
import { ConnectionDigests } from "./connection-digests.js";

describe("the digests of connections", () => {
  it.each([
    ["on one connection", {}],
    ["without any", undefined],
  ])("are those of each credential, %s", (_where, connection) => {
    const digests = new ConnectionDigests();
    for (const credential of ["a", "a", "b", "a"]) {
      expect(digests.of(credential, connection)).toEqual(digestOf(credential));
    }
  });

  it("are made once for a credential that comes again, for each connection apart", () => {
    const digests = new ConnectionDigests();
    const [one, other] = [{}, {}];
    const digest = digests.of("a", one);
    expect(digests.of("b", other)).toEqual(digestOf("b"));
    expect(digests.of("a", one)).toBe(digest);
    expect(digests.of("a", other)).toEqual(digest);
  });
});
