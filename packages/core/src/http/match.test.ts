import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type GatewayError, isGatewayError } from "../errors.js";
import { named } from "../schemas/registry.js";
import { createMatcher } from "./match.js";
import { defineRoute, type Route } from "./route.js";

const Nothing = named("MatchTestNothing", z.object({}));

function route(method: Route["method"], path: string): Route {
  const operationId = `${method} ${path}`;
  return defineRoute({
    method,
    path,
    operationId,
    summary: "",
    tag: "Test",
    access: "public",
    response: Nothing,
    handle: () => ({}),
  });
}

const matcher = createMatcher([
  route("GET", "/"),
  route("GET", "/things"),
  route("POST", "/things"),
  route("GET", "/things/:id"),
  route("PUT", "/things/:id"),
  route("GET", "/things/layers"),
  route("POST", "/things/:id/stop"),
  route("GET", "/things/:id/runs/:run"),
]);

function found(method: string, path: string): string | GatewayError {
  try {
    const { route: hit, params } = matcher.find(method, path);
    const values = Object.entries(params).map(([name, value]) => `${name}=${value}`);
    return [hit.operationId, ...values].join(" ");
  } catch (error) {
    if (isGatewayError(error)) return error;
    throw error;
  }
}

describe("createMatcher", () => {
  it.each([
    ["GET", "/", "GET /"],
    ["GET", "/things", "GET /things"],
    ["HEAD", "/things", "GET /things"],
    ["POST", "/things", "POST /things"],
    ["GET", "/things/layers", "GET /things/layers"],
    ["PUT", "/things/layers", "PUT /things/:id id=layers"],
    ["GET", "/things/LAYERS", "GET /things/:id id=LAYERS"],
    ["GET", "/things/a", "GET /things/:id id=a"],
    ["HEAD", "/things/a", "GET /things/:id id=a"],
    ["GET", "/things/a/b:c.d", "GET /things/:id id=a/b:c.d"],
    ["GET", "/things/a%2Fb%3Ac.d", "GET /things/:id id=a/b:c.d"],
    ["GET", "/things/a%2fb", "GET /things/:id id=a/b"],
    ["GET", "/things/a%252Fb", "GET /things/:id id=a%2Fb"],
    ["GET", "/things/caf%C3%A9", "GET /things/:id id=café"],
    ["GET", "/things/%F0%9F%90%99", "GET /things/:id id=🐙"],
    ["GET", "/things/../things", "GET /things/:id id=../things"],
    ["GET", "/things/__proto__", "GET /things/:id id=__proto__"],
    ["GET", "/things/a+b", "GET /things/:id id=a+b"],
    ["GET", "/things//a", "GET /things/:id id=/a"],
    ["POST", "/things/a/stop", "POST /things/:id/stop id=a"],
    ["POST", "/things/a%2Fb/stop", "POST /things/:id/stop id=a/b"],
    ["GET", "/things/a/runs/7", "GET /things/:id/runs/:run id=a run=7"],
    ["GET", "/things/a/runs/7/8", "GET /things/:id/runs/:run id=a run=7/8"],
  ])("%s %s is %s", (method, path, expected) => {
    expect(found(method, path)).toBe(expected);
  });

  it.each([
    ["/nothing"],
    ["/Things"],
    ["/things/"],
    ["//things"],
    ["/thing%73"],
    ["/things?x=1"],
    [""],
    ["/constructor"],
    ["/things%2Fa"],
  ])("GET %s is not found", (path) => {
    expect(found("GET", path)).toMatchObject({ code: "not_found", status: 404 });
  });

  it.each([
    ["DELETE", "/things", "GET, POST, HEAD"],
    ["OPTIONS", "/things", "GET, POST, HEAD"],
    ["PATCH", "/things/a", "GET, PUT, HEAD"],
    ["PATCH", "/things/layers", "GET, HEAD"],
    ["GET", "/things/a/stop", "POST"],
    ["HEAD", "/things/a/stop", "POST"],
    ["get", "/", "GET, HEAD"],
    ["TRACE", "/", "GET, HEAD"],
    ["constructor", "/", "GET, HEAD"],
  ])("%s %s is not allowed, but %s are", (method, path, allow) => {
    expect(found(method, path)).toMatchObject({ code: "method_not_allowed", status: 405, headers: { allow } });
  });

  it.each([
    ["/things/%"],
    ["/things/%zz"],
    ["/things/%2"],
    ["/things/%C3"],
    ["/things/%ED%A0%80"],
    ["/things/%C0%AF"],
    ["/things/%00"],
    ["/things/a%0Ab"],
    ["/things/%7F"],
    ["/things/%C2%85"],
    ["/things/%zz/runs/1"],
  ])("GET %s is malformed", (path) => {
    expect(found("GET", path)).toMatchObject({ code: "invalid_request", status: 400 });
  });

  it("hands any id over as it was before it was percent-encoded", () => {
    const id = fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => !/[\p{Cc}\p{Cs}]/u.test(text));
    fc.assert(
      fc.property(id, (value) => {
        expect(matcher.find("PUT", `/things/${encodeURIComponent(value)}`).params).toEqual({ id: value });
      }),
    );
  });

  it("hands any id over as it is, slashes, colons and dots included", () => {
    const literal = fc
      .stringMatching(/^[\w:.~@!$&'()*+,;=-]+(?:\/[\w:.~@!$&'()*+,;=-]+){0,3}$/)
      .filter((text) => !/^layers$|\/runs\/|\/stop$/.test(text));
    fc.assert(
      fc.property(literal, (value) => {
        expect(matcher.find("PUT", `/things/${value}`).params).toEqual({ id: value });
      }),
    );
  });

  it("answers any path with a route or a 4xx", () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom("GET", "PUT", "POST", "BREW"), (path, method) => {
        const outcome = found(method, `/things/${path}`);
        expect(typeof outcome === "string" || (outcome.status >= 400 && outcome.status < 500)).toBe(true);
      }),
    );
  });
});
