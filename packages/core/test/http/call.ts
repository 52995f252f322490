import { Gateway, type GatewayOptions } from "@sluice/core";
import { expect } from "vitest";
import { z } from "zod";
import { routes } from "../../src/http/routes/index.js";
import { ErrorBody } from "../../src/schemas/errors.js";

/** An answer whose body has been held against the schema of its route, or against the shape of errors. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** What to send besides method and path. */
export interface CallOptions {
  readonly json?: unknown;
  readonly headers?: Record<string, string>;
  /** The text of the body, where it is not to be JSON. */
  readonly text?: string;
}

/** Calls a gateway without a port: `call("GET /v1/models")`. */
export type Call = (line: string, options?: CallOptions) => Promise<Answer>;

/** A gateway and a way to call it. */
export function callable(options: GatewayOptions = {}): { readonly gateway: Gateway; readonly call: Call } {
  const gateway = new Gateway(options);
  const call: Call = async (line, { json, headers, text } = {}) => {
    const [method = "", path = ""] = line.split(" ");
    const content = text ?? (json === undefined ? undefined : JSON.stringify(json));
    const response = await gateway.fetch(
      new Request(`http://localhost${path}`, {
        method,
        headers: { ...(content === undefined ? {} : { "content-type": "application/json" }), ...headers },
        ...(content === undefined ? {} : { body: content }),
      }),
    );
    const body = await response.text();
    const value =
      response.headers.get("content-type")?.startsWith("application/json") && body ? JSON.parse(body) : body;
    checkBody(method, path, response.status, value);
    return { status: response.status, headers: response.headers, body: value };
  };
  return { gateway, call };
}

/** Schemas drop what they do not know: an answer that passes unchanged has no field without documentation. */
function checkBody(method: string, path: string, status: number, value: unknown): void {
  const fitting = routes.filter((each) => each.method === method && pattern(each.path).test(path));
  // An id at the end may hold slashes, so that shorter paths fit too.
  const [route] = fitting.sort((one, other) => other.path.split("/").length - one.path.split("/").length);
  if (value === "" || (status < 400 && typeof route?.response === "string")) return;
  const healthy = status < 400 || status === route?.otherStatus;
  const schema = healthy && route?.response instanceof z.ZodType ? route.response : ErrorBody;
  expect(schema.parse(value)).toEqual(value);
}

function pattern(path: string): RegExp {
  return new RegExp(`^${path.replace(/:\w+/g, ".+")}(?:\\?|$)`);
}
